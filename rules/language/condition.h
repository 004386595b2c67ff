// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/language/lexer.h"
#include "rules/observation/observation.h"

#include <map>
#include <memory>
#include <span>

/// The condition language of rules; docs/rules.md is its manual.
namespace minewarden::rules::language {

/// Kleene's three values: what is not known decides nothing.
enum class Truth { no, yes, unknown };

/// The observation under test and those of the same entity in earlier windows: element i is from i
/// windows ago, nullptr where there was none. Element 0 is the observation itself.
using WindowSpan = std::span<const Observation* const>;

/// A part of a compiled condition that is true or false. Immutable, safe to share between threads.
class BooleanNode {
  public:
    virtual ~BooleanNode() = default;
    [[nodiscard]] virtual Truth evaluate(WindowSpan span) const = 0;
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
inline constexpr std::int64_t maximum_windows = 30;

/// A compiled, type-checked condition on one observation type.
class Condition {
  public:
    /// The problems: all of the words, or the first of the syntax or the types.
    static Result<Condition, std::vector<SyntaxError>>
    compile(std::string_view source, ObservationType on, const Names& names);

    [[nodiscard]] Truth evaluate(WindowSpan span) const { return root_->evaluate(span); }
    [[nodiscard]] ObservationType on() const { return on_; }
    /// How many windows the condition looks at, the current one included; 1 without aggregates.
    [[nodiscard]] std::size_t windows() const { return windows_; }
    [[nodiscard]] std::size_t nodes() const { return nodes_; }
    [[nodiscard]] const BooleanPart& root() const { return root_; }

  private:
    Condition(BooleanPart root, ObservationType on, std::size_t windows, std::size_t nodes)
        : root_(std::move(root)), on_(on), windows_(windows), nodes_(nodes) {}
    BooleanPart root_;
    ObservationType on_;
    std::size_t windows_;
    std::size_t nodes_;
};

} // namespace minewarden::rules::language
