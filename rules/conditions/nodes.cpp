// SPDX-License-Identifier: Apache-2.0
#include "rules/conditions/nodes.h"

#include <algorithm>
#include <limits>

namespace minewarden::rules::conditions {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

View view_of(const Value& value) {
    if (const auto* held = std::get_if<bool>(&value)) return *held;
    if (const auto* held = std::get_if<std::int64_t>(&value)) return *held;
    if (const auto* held = std::get_if<Boxed<std::string>>(&value)) return std::string_view(**held);
    if (const auto* held = std::get_if<Boxed<IpAddress>>(&value)) return &**held;
    return std::monostate{};
}

Truth truth(bool value) {
    return value ? Truth::yes : Truth::no;
}

std::int64_t integer_or_zero(const View& view) {
    const auto* held = std::get_if<std::int64_t>(&view);
    return held == nullptr ? 0 : *held;
}

std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    if (!__builtin_add_overflow(a, b, &result)) return result;
    return a < 0 ? Limits::min() : Limits::max();
}

template <class T>
bool holds(Comparison comparison, const T& a, const T& b) {
    switch (comparison) {
    case Comparison::equal:
        return a == b;
    case Comparison::not_equal:
        return a != b;
    case Comparison::less:
        return a < b;
    case Comparison::less_equal:
        return a <= b;
    case Comparison::greater:
        return a > b;
    case Comparison::greater_equal:
        return a >= b;
    }
    return false;
}

/// The range of numbers for which the comparison with `number` holds, if it is a range.
std::optional<std::pair<std::int64_t, std::int64_t>> range_of(Comparison comparison,
                                                              std::int64_t number) {
    constexpr std::pair<std::int64_t, std::int64_t> none{1, 0};
    switch (comparison) {
    case Comparison::equal:
        return std::pair(number, number);
    case Comparison::not_equal:
        return std::nullopt;
    case Comparison::less:
        return number == Limits::min() ? none : std::pair(Limits::min(), number - 1);
    case Comparison::less_equal:
        return std::pair(Limits::min(), number);
    case Comparison::greater:
        return number == Limits::max() ? none : std::pair(number + 1, Limits::max());
    case Comparison::greater_equal:
        return std::pair(number, Limits::max());
    }
    return std::nullopt;
}

bool matches(TextMatch match, std::string_view text, std::string_view pattern) {
    switch (match) {
    case TextMatch::equal:
        return text == pattern;
    case TextMatch::contains:
        return text.find(pattern) != std::string_view::npos;
    case TextMatch::starts_with:
        return text.starts_with(pattern);
    case TextMatch::ends_with:
        return text.ends_with(pattern);
    case TextMatch::glob:
        return matches_glob(text, pattern);
    case TextMatch::domain:
        return is_under_domain(text, pattern);
    }
    return false;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

View FieldOperand::evaluate(const WindowSpan& span) const {
    return span.empty() || span[0] == nullptr ? View() : view_of(span[0]->values[field_]);
}

View LiteralOperand::evaluate(const WindowSpan&) const {
    return view_of(value_);
}

View ArithmeticOperand::evaluate(const WindowSpan& span) const {
    const View left = left_->evaluate(span);
    const View right = right_->evaluate(span);
    const auto* a = std::get_if<std::int64_t>(&left);
    const auto* b = std::get_if<std::int64_t>(&right);
    if (a == nullptr || b == nullptr) return std::monostate{};
    std::int64_t result = 0;
    switch (operation_) {
    case Arithmetic::add:
        return saturating_add(*a, *b);
    case Arithmetic::subtract:
        if (!__builtin_sub_overflow(*a, *b, &result)) return result;
        return *a < 0 ? Limits::min() : Limits::max();
    case Arithmetic::multiply:
        if (!__builtin_mul_overflow(*a, *b, &result)) return result;
        return (*a < 0) == (*b < 0) ? Limits::max() : Limits::min();
    }
    return std::monostate{};
}

AggregateOperand::AggregateOperand(Aggregate function, Operand value, std::size_t windows)
    : function_(function), value_(std::move(value)), windows_(windows) {
    if (const auto* field = dynamic_cast<const FieldOperand*>(value_.get()))
        field_ = field->field();
}

FieldSummary AggregateOperand::summarise(const WindowSpan& span) const {
    if (field_) return summary_of(span, *field_, windows_);
    FieldSummary summary;
    for (std::size_t back = 0; back < windows_; ++back) {
        const bool is_there = back < span.size() && span[back] != nullptr;
        summary.add(is_there ? integer_or_zero(value_->evaluate(span.from(back))) : 0);
    }
    return summary;
}

View AggregateOperand::evaluate(const WindowSpan& span) const {
    const FieldSummary summary = summarise(span);
    switch (function_) {
    case Aggregate::sum:
        return summary.sum;
    case Aggregate::average:
        // The parser refuses aggregates over 0 windows.
        // NOLINTNEXTLINE(clang-analyzer-core.DivideZero)
        return summary.sum / static_cast<std::int64_t>(windows_);
    case Aggregate::minimum:
        return summary.least;
    case Aggregate::maximum:
        return summary.greatest;
    }
    return std::monostate{};
}

std::optional<Requirement> AggregateOperand::requirement(std::int64_t low,
                                                         std::int64_t high) const {
    if (!field_ || function_ == Aggregate::average) return std::nullopt;
    Requirement required{.of = Requirement::Of::greatest,
                         .windows = static_cast<std::uint8_t>(windows_),
                         .field = static_cast<std::uint16_t>(*field_),
                         .low = low,
                         .high = high};
    if (function_ == Aggregate::sum) required.of = Requirement::Of::sum;
    if (function_ == Aggregate::minimum) required.of = Requirement::Of::least;
    return required;
}

View CountOperand::evaluate(const WindowSpan& span) const {
    std::int64_t count = 0;
    for (std::size_t back = 0; back < windows_ && back < span.size(); ++back) {
        if (span[back] == nullptr) continue;
        if (condition_->evaluate(span.from(back)) == Truth::yes) ++count;
    }
    return count;
}

Truth AllOf::evaluate(const WindowSpan& span) const {
    Truth result = Truth::yes;
    for (const BooleanPart& part : parts_) {
        const Truth next = part->evaluate(span);
        if (next == Truth::no) return Truth::no;
        if (next == Truth::unknown) result = Truth::unknown;
    }
    return result;
}

void AllOf::add_requirements(std::vector<Requirement>& to) const {
    for (const BooleanPart& part : parts_) part->add_requirements(to);
}

Truth AnyOf::evaluate(const WindowSpan& span) const {
    Truth result = Truth::no;
    for (const BooleanPart& part : parts_) {
        const Truth next = part->evaluate(span);
        if (next == Truth::yes) return Truth::yes;
        if (next == Truth::unknown) result = Truth::unknown;
    }
    return result;
}

Truth Not::evaluate(const WindowSpan& span) const {
    const Truth inner = part_->evaluate(span);
    if (inner == Truth::unknown) return Truth::unknown;
    return inner == Truth::yes ? Truth::no : Truth::yes;
}

Truth Compare::evaluate(const WindowSpan& span) const {
    const View left = left_->evaluate(span);
    const View right = right_->evaluate(span);
    if (left.index() != right.index()) return Truth::unknown;
    if (const auto* a = std::get_if<bool>(&left))
        return truth(holds(comparison_, *a, std::get<bool>(right)));
    if (const auto* a = std::get_if<std::int64_t>(&left))
        return truth(holds(comparison_, *a, std::get<std::int64_t>(right)));
    if (const auto* a = std::get_if<std::string_view>(&left))
        return truth(holds(comparison_, *a, std::get<std::string_view>(right)));
    if (const auto* a = std::get_if<const IpAddress*>(&left))
        return truth(holds(comparison_, **a, *std::get<const IpAddress*>(right)));
    return Truth::unknown;
}

CompareInteger::CompareInteger(Comparison comparison, Operand left, std::int64_t number)
    : comparison_(comparison), left_(std::move(left)), number_(number) {
    const auto range = range_of(comparison, number);
    if (!range) return;
    const auto [low, high] = *range;
    if (const auto* field = dynamic_cast<const FieldOperand*>(left_.get()))
        requirement_ = Requirement{.of = Requirement::Of::value,
                                   .windows = 1,
                                   .field = static_cast<std::uint16_t>(field->field()),
                                   .low = low,
                                   .high = high};
    else if (const auto* aggregate = dynamic_cast<const AggregateOperand*>(left_.get()))
        requirement_ = aggregate->requirement(low, high);
}

Truth CompareInteger::evaluate(const WindowSpan& span) const {
    const View left = left_->evaluate(span);
    const auto* held = std::get_if<std::int64_t>(&left);
    return held == nullptr ? Truth::unknown : truth(holds(comparison_, *held, number_));
}

BooleanPart make_comparison(Comparison comparison, Operand left, Operand right) {
    const auto* literal = dynamic_cast<const LiteralOperand*>(right.get());
    const auto* number =
        literal == nullptr ? nullptr : std::get_if<std::int64_t>(&literal->value());
    if (number != nullptr)
        return std::make_shared<CompareInteger>(comparison, std::move(left), *number);
    return std::make_shared<Compare>(comparison, std::move(left), std::move(right));
}

Truth IsTrue::evaluate(const WindowSpan& span) const {
    const View view = operand_->evaluate(span);
    const auto* held = std::get_if<bool>(&view);
    return held == nullptr ? Truth::unknown : truth(*held);
}

Truth Exists::evaluate(const WindowSpan& span) const {
    return truth(!std::holds_alternative<std::monostate>(operand_->evaluate(span)));
}

Truth InIntegers::evaluate(const WindowSpan& span) const {
    const View view = operand_->evaluate(span);
    const auto* held = std::get_if<std::int64_t>(&view);
    return held == nullptr ? Truth::unknown : truth(values_.contains(*held));
}

Truth MatchesText::evaluate(const WindowSpan& span) const {
    const View view = operand_->evaluate(span);
    const auto* held = std::get_if<std::string_view>(&view);
    if (held == nullptr) return Truth::unknown;
    return truth(std::ranges::any_of(
        patterns_, [&](const std::string& pattern) { return matches(match_, *held, pattern); }));
}

Truth MatchesRegex::evaluate(const WindowSpan& span) const {
    const View view = operand_->evaluate(span);
    const auto* held = std::get_if<std::string_view>(&view);
    if (held == nullptr) return Truth::unknown;
    const re2::StringPiece text(held->data(), held->size());
    return truth(std::ranges::any_of(patterns_, [&](const std::unique_ptr<RE2>& pattern) {
        return RE2::PartialMatch(text, *pattern);
    }));
}

Truth InNetworks::evaluate(const WindowSpan& span) const {
    const View view = operand_->evaluate(span);
    const auto* held = std::get_if<const IpAddress*>(&view);
    if (held == nullptr) return Truth::unknown;
    return truth(std::ranges::any_of(
        networks_, [&](const IpNetwork& network) { return network.contains(**held); }));
}

std::vector<Requirement> Condition::requirements() const {
    std::vector<Requirement> result;
    root_->add_requirements(result);
    std::ranges::stable_partition(
        result, [](const Requirement& each) { return each.of == Requirement::Of::value; });
    return result;
}

bool matches_glob(std::string_view text, std::string_view pattern) {
    std::size_t t = 0;
    std::size_t p = 0;
    std::size_t star = std::string_view::npos; // the last '*' passed, for backtracking
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool is_under_domain(std::string_view host, std::string_view suffix) {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (suffix.ends_with('.')) suffix.remove_suffix(1);
    if (suffix.empty() || host.size() < suffix.size()) return false;
    const std::string_view tail = host.substr(host.size() - suffix.size());
    const bool same = std::ranges::equal(tail, suffix, {}, lower, lower);
    return same && (host.size() == suffix.size() || host[host.size() - suffix.size() - 1] == '.');
}

} // namespace minewarden::rules::conditions
