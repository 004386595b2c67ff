// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/conditions/lexer.h"
#include "rules/conditions/window_span.h"

#include <map>
#include <memory>
#include <vector>

/// The condition language of rules (manual: docs/rules.md).
namespace minewarden::rules::conditions {

/// Kleene's three-valued logic: comparisons with unknown values are `unknown`.
enum class Truth { no, yes, unknown };

/// A necessary condition that is cheap to check: the value is known and between two inclusive
/// bounds.
struct Requirement {
    enum class Of : std::uint8_t { value, sum, least, greatest };

    Of of = Of::value;        ///< the field of the tested observation, or a summary of it
    std::uint8_t windows = 1; ///< of the summary
    std::uint16_t field = 0;
    std::int64_t low = 0;
    std::int64_t high = 0;

    /// REQUIRES: !span.empty()
    [[nodiscard]] bool is_met(const WindowSpan& span) const {
        if (of != Of::value) return contains(part_of(summary_of(span, field, windows)));
        const auto* held = std::get_if<std::int64_t>(&span[0]->values[field]);
        return held != nullptr && contains(*held);
    }

  private:
    [[nodiscard]] std::int64_t part_of(const FieldSummary& summary) const {
        if (of == Of::sum) return summary.sum;
        return of == Of::least ? summary.least : summary.greatest;
    }
    [[nodiscard]] bool contains(std::int64_t value) const { return low <= value && value <= high; }
};

/// A boolean part of a compiled condition. Immutable and thread-safe.
class BooleanNode {
  public:
    virtual ~BooleanNode() = default;
    [[nodiscard]] virtual Truth evaluate(const WindowSpan& span) const = 0;
    /// Adds requirements without which evaluate() never returns `yes`. They let the engine skip
    /// most rules without evaluating them. May omit requirements.
    virtual void add_requirements(std::vector<Requirement>& /*to*/) const {}
};
using BooleanPart = std::shared_ptr<const BooleanNode>;

/// A named list of a rule file, of texts or whole numbers.
struct NamedList {
    ValueType type = ValueType::text;
    std::vector<std::string> texts;
    std::vector<std::int64_t> integers;
};

class Condition;

/// Names that a condition may use. A macro must be compiled before its first use, so macros cannot
/// be circular.
struct Names {
    std::map<std::string, NamedList, std::less<>> lists;
    std::map<std::string, Condition, std::less<>> macros;
};

inline constexpr std::size_t maximum_nodes = 512; ///< of one condition, macros included
inline constexpr unsigned maximum_depth = 32;

/// A compiled, type-checked condition on one observation type.
class Condition {
  public:
    /// Errors: all problems with tokens, or the first problem with syntax or types.
    static Result<Condition, std::vector<SyntaxError>>
    compile(std::string_view source, ObservationType on, const Names& names);

    [[nodiscard]] Truth evaluate(const WindowSpan& span) const { return root_->evaluate(span); }
    [[nodiscard]] ObservationType on() const { return on_; }
    /// Number of windows the condition needs, including the current one; 1 without aggregates.
    [[nodiscard]] std::size_t windows() const { return windows_; }
    [[nodiscard]] std::size_t nodes() const { return nodes_; }
    [[nodiscard]] const BooleanPart& root() const { return root_; }
    /// The condition cannot hold unless all are met. Cheapest first.
    [[nodiscard]] std::vector<Requirement> requirements() const;

  private:
    Condition(BooleanPart root, ObservationType on, std::size_t windows, std::size_t nodes)
        : root_(std::move(root)), on_(on), windows_(windows), nodes_(nodes) {}
    BooleanPart root_;
    ObservationType on_;
    std::size_t windows_;
    std::size_t nodes_;
};

} // namespace minewarden::rules::conditions
