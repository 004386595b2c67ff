// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/conditions/condition.h"

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <set>
#include <variant>

/// The nodes of a compiled condition. The parser checked the types, so an operand gives the type
/// that its node expects, or unknown.
namespace minewarden::rules::conditions {

/// A non-owning value. monostate: unknown.
using View = std::variant<std::monostate, bool, std::int64_t, std::string_view, const IpAddress*>;

class OperandNode {
  public:
    virtual ~OperandNode() = default;
    [[nodiscard]] virtual View evaluate(const WindowSpan& span) const = 0;
};
using Operand = std::shared_ptr<const OperandNode>;

class FieldOperand final : public OperandNode {
  public:
    explicit FieldOperand(std::size_t field) : field_(field) {}
    [[nodiscard]] View evaluate(const WindowSpan& span) const override;
    [[nodiscard]] std::size_t field() const { return field_; }

  private:
    std::size_t field_;
};

class LiteralOperand final : public OperandNode {
  public:
    explicit LiteralOperand(Value value) : value_(std::move(value)) {}
    [[nodiscard]] View evaluate(const WindowSpan& span) const override;
    [[nodiscard]] const Value& value() const { return value_; }

  private:
    Value value_;
};

enum class Arithmetic { add, subtract, multiply };

/// On integers; saturates instead of overflowing.
class ArithmeticOperand final : public OperandNode {
  public:
    ArithmeticOperand(Arithmetic operation, Operand left, Operand right)
        : operation_(operation), left_(std::move(left)), right_(std::move(right)) {}
    [[nodiscard]] View evaluate(const WindowSpan& span) const override;

  private:
    Arithmetic operation_;
    Operand left_, right_;
};

enum class Aggregate { sum, average, minimum, maximum };

/// Aggregates over the last `windows` windows. A window without an observation or with an unknown
/// value counts as 0, so that missing data cannot satisfy a lower bound.
class AggregateOperand final : public OperandNode {
  public:
    AggregateOperand(Aggregate function, Operand value, std::size_t windows);
    [[nodiscard]] View evaluate(const WindowSpan& span) const override;
    /// The requirement that the aggregate is within these bounds, if it can be expressed.
    [[nodiscard]] std::optional<Requirement> requirement(std::int64_t low, std::int64_t high) const;

  private:
    [[nodiscard]] FieldSummary summarise(const WindowSpan& span) const;

    Aggregate function_;
    Operand value_;
    std::optional<std::size_t> field_; ///< if the value is a plain field: its summaries are shared
    std::size_t windows_;
};

/// Counts in how many of the last `windows` windows the condition held.
class CountOperand final : public OperandNode {
  public:
    CountOperand(BooleanPart condition, std::size_t windows)
        : condition_(std::move(condition)), windows_(windows) {}
    [[nodiscard]] View evaluate(const WindowSpan& span) const override;

  private:
    BooleanPart condition_;
    std::size_t windows_;
};

class AllOf final : public BooleanNode {
  public:
    explicit AllOf(std::vector<BooleanPart> parts) : parts_(std::move(parts)) {}
    [[nodiscard]] Truth evaluate(const WindowSpan& span) const override;
    void add_requirements(std::vector<Requirement>& to) const override;

  private:
    std::vector<BooleanPart> parts_;
};

class AnyOf final : public BooleanNode {
  public:
    explicit AnyOf(std::vector<BooleanPart> parts) : parts_(std::move(parts)) {}
    [[nodiscard]] Truth evaluate(const WindowSpan& span) const override;

  private:
    std::vector<BooleanPart> parts_;
};

class Not final : public BooleanNode {
  public:
    explicit Not(BooleanPart part) : part_(std::move(part)) {}
    [[nodiscard]] Truth evaluate(const WindowSpan& span) const override;

  private:
    BooleanPart part_;
};

enum class Comparison { equal, not_equal, less, less_equal, greater, greater_equal };

class Compare final : public BooleanNode {
  public:
    Compare(Comparison comparison, Operand left, Operand right)
        : comparison_(comparison), left_(std::move(left)), right_(std::move(right)) {}
    [[nodiscard]] Truth evaluate(const WindowSpan& span) const override;

  private:
    Comparison comparison_;
    Operand left_, right_;
};

/// Compares with a constant whole number, the most common case.
class CompareInteger final : public BooleanNode {
  public:
    CompareInteger(Comparison comparison, Operand left, std::int64_t number);
    [[nodiscard]] Truth evaluate(const WindowSpan& span) const override;
    void add_requirements(std::vector<Requirement>& to) const override {
        if (requirement_) to.push_back(*requirement_);
    }

  private:
    Comparison comparison_;
    Operand left_;
    std::int64_t number_;
    std::optional<Requirement> requirement_; ///< the same comparison, if it can be expressed so
};

/// Returns the cheapest node for this comparison.
[[nodiscard]] BooleanPart make_comparison(Comparison comparison, Operand left, Operand right);

class IsTrue final : public BooleanNode {
  public:
    explicit IsTrue(Operand operand) : operand_(std::move(operand)) {}
    [[nodiscard]] Truth evaluate(const WindowSpan& span) const override;

  private:
    Operand operand_;
};

class Exists final : public BooleanNode {
  public:
    explicit Exists(Operand operand) : operand_(std::move(operand)) {}
    [[nodiscard]] Truth evaluate(const WindowSpan& span) const override;

  private:
    Operand operand_;
};

class InIntegers final : public BooleanNode {
  public:
    InIntegers(Operand operand, std::set<std::int64_t> values)
        : operand_(std::move(operand)), values_(std::move(values)) {}
    [[nodiscard]] Truth evaluate(const WindowSpan& span) const override;

  private:
    Operand operand_;
    std::set<std::int64_t> values_;
};

enum class TextMatch { equal, contains, starts_with, ends_with, glob, domain };

/// True if the text matches any of the patterns.
class MatchesText final : public BooleanNode {
  public:
    MatchesText(TextMatch match, Operand operand, std::vector<std::string> patterns)
        : match_(match), operand_(std::move(operand)), patterns_(std::move(patterns)) {}
    [[nodiscard]] Truth evaluate(const WindowSpan& span) const override;

  private:
    TextMatch match_;
    Operand operand_;
    std::vector<std::string> patterns_;
};

/// RE2 searches in time linear to the text, whatever the pattern.
class MatchesRegex final : public BooleanNode {
  public:
    MatchesRegex(Operand operand, std::vector<std::unique_ptr<RE2>> patterns)
        : operand_(std::move(operand)), patterns_(std::move(patterns)) {}
    [[nodiscard]] Truth evaluate(const WindowSpan& span) const override;

  private:
    Operand operand_;
    std::vector<std::unique_ptr<RE2>> patterns_;
};

class InNetworks final : public BooleanNode {
  public:
    InNetworks(Operand operand, std::vector<IpNetwork> networks)
        : operand_(std::move(operand)), networks_(std::move(networks)) {}
    [[nodiscard]] Truth evaluate(const WindowSpan& span) const override;

  private:
    Operand operand_;
    std::vector<IpNetwork> networks_;
};

/// '*' matches any characters, '?' matches one; the whole text must match. Time: O(text * pattern).
[[nodiscard]] bool matches_glob(std::string_view text, std::string_view pattern);

/// True if `host` is `suffix` or ends in its labels: pool.example.com is under example.com,
/// badexample.com is not. Ignores letter case and a final dot.
[[nodiscard]] bool is_under_domain(std::string_view host, std::string_view suffix);

} // namespace minewarden::rules::conditions
