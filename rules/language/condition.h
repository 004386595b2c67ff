// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/language/lexer.h"
#include "rules/language/window_span.h"

#include <map>
#include <memory>
#include <vector>

/// The condition language of rules; docs/rules.md is its manual.
namespace minewarden::rules::language {

/// Kleene's three values: what is not known decides nothing.
enum class Truth { no, yes, unknown };

/// A value that is known and lies between two bounds, both included: what a condition cannot hold
/// without.
struct Requirement {
    enum class Of : std::uint8_t { value, sum, least, greatest };

    Of of = Of::value;        ///< the field of the observation under test, or a summary of it
    std::uint8_t windows = 1; ///< of the summary
    std::uint16_t field = 0;
    std::int64_t low = 0;
    std::int64_t high = 0;

    /// REQUIRES: an observation under test.
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

/// A part of a compiled condition that is true or false. Immutable, safe to share between threads.
class BooleanNode {
  public:
    virtual ~BooleanNode() = default;
    [[nodiscard]] virtual Truth evaluate(const WindowSpan& span) const = 0;
    /// Adds what must be met or it is never `yes`: most rules need not be evaluated to know that
    /// they do not hold. Not all that could be said needs to be.
    virtual void add_requirements(std::vector<Requirement>& /*to*/) const {}
};
using BooleanPart = std::shared_ptr<const BooleanNode>;

/// A named list of a rule file: texts, or whole numbers.
struct NamedList {
    ValueType type = ValueType::text;
    std::vector<std::string> texts;
    std::vector<std::int64_t> integers;
};

class Condition;

/// What a condition may refer to. Macros must be compiled before they are used, so they cannot be
/// circular.
struct Names {
    std::map<std::string, NamedList, std::less<>> lists;
    std::map<std::string, Condition, std::less<>> macros;
};

inline constexpr std::size_t maximum_nodes = 512; ///< of one condition, macros included
inline constexpr unsigned maximum_depth = 32;

/// A compiled, type-checked condition on one observation type.
class Condition {
  public:
    /// The problems: all of the words, or the first of the syntax or the types.
    static Result<Condition, std::vector<SyntaxError>>
    compile(std::string_view source, ObservationType on, const Names& names);

    [[nodiscard]] Truth evaluate(const WindowSpan& span) const { return root_->evaluate(span); }
    [[nodiscard]] ObservationType on() const { return on_; }
    /// How many windows the condition looks at, the current one included; 1 without aggregates.
    [[nodiscard]] std::size_t windows() const { return windows_; }
    [[nodiscard]] std::size_t nodes() const { return nodes_; }
    [[nodiscard]] const BooleanPart& root() const { return root_; }
    /// The condition does not hold unless all are met; the cheapest first.
    [[nodiscard]] std::vector<Requirement> requirements() const;

  private:
    Condition(BooleanPart root, ObservationType on, std::size_t windows, std::size_t nodes)
        : root_(std::move(root)), on_(on), windows_(windows), nodes_(nodes) {}
    BooleanPart root_;
    ObservationType on_;
    std::size_t windows_;
    std::size_t nodes_;
};

} // namespace minewarden::rules::language
