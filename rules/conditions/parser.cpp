// SPDX-License-Identifier: Apache-2.0
// Condition::compile: a recursive-descent parser that checks types as it goes.
//
//   condition  = conjunction { "or" conjunction }
//   conjunction = negation { "and" negation }
//   negation   = "not" negation | primary
//   primary    = "(" condition ")" | "exists" FIELD | MACRO | BOOLEAN-FIELD
//              | sum [ "not" ] "in" set
//              | sum ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) sum
//              | sum [ "not" ] ( "contains" | "startswith" | "endswith" | "glob" | "regex" | "cidr"
//                | "domain" ) ( TEXT | set )
//   set        = "(" literal { "," literal } ")" | LIST
//   sum        = product { ( "+" | "-" ) product }
//   product    = operand { "*" operand }
//   operand    = FIELD | [ "-" ] INTEGER | TEXT | "true" | "false" | total | aggregate
//   total      = "total" "(" HISTOGRAM ")"
//   aggregate  = ( "sum" | "avg" | "min" | "max" ) "(" sum "over" N "windows" ")"
//              | "count" "(" condition "over" N "windows" ")"
#include "common/text.h"
#include "rules/conditions/nodes.h"
#include "rules/conditions/patterns.h"
#include "rules/conditions/token_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace minewarden::rules::conditions {
namespace {

struct TypedOperand {
    Operand operand;
    ValueType type = ValueType::integer;
    std::size_t offset = 0;
};

constexpr std::array<std::pair<std::string_view, Comparison>, 6> comparisons{
    {{"=", Comparison::equal},
     {"!=", Comparison::not_equal},
     {"<", Comparison::less},
     {"<=", Comparison::less_equal},
     {">", Comparison::greater},
     {">=", Comparison::greater_equal}}};

constexpr std::array<std::pair<std::string_view, TextMatch>, 5> text_matches{
    {{"contains", TextMatch::contains},
     {"startswith", TextMatch::starts_with},
     {"endswith", TextMatch::ends_with},
     {"glob", TextMatch::glob},
     {"domain", TextMatch::domain}}};

constexpr std::array<std::pair<std::string_view, Aggregate>, 4> aggregates{
    {{"sum", Aggregate::sum},
     {"avg", Aggregate::average},
     {"min", Aggregate::minimum},
     {"max", Aggregate::maximum}}};

template <class Table>
auto find_in(const Table& table, std::string_view word) {
    const auto found = std::ranges::find(table, word, [](const auto& row) { return row.first; });
    return found == table.end() ? nullptr : &found->second;
}

class Parser : private TokenReader {
  public:
    Parser(std::string_view source, ObservationType on, const Names& names)
        : TokenReader(source), on_(on), names_(names) {}

    BooleanPart parse() {
        const BooleanPart root = take_condition();
        if (root && peek().kind != TokenKind::end) refuse(peek(), "expected \"and\" or \"or\"");
        return failed() ? nullptr : root;
    }

    using TokenReader::take_errors;
    [[nodiscard]] std::size_t windows() const { return windows_; }
    [[nodiscard]] std::size_t nodes() const { return nodes_; }

  private:
    bool count_node(std::size_t offset, std::size_t more = 1) {
        nodes_ += more;
        if (nodes_ <= maximum_nodes) return true;
        refuse_at(offset, fmt::format("condition is larger than {} parts", maximum_nodes));
        return false;
    }

    template <class Node, class... Arguments>
    std::shared_ptr<const Node> make(std::size_t offset, Arguments&&... arguments) {
        if (!count_node(offset)) return nullptr;
        return std::make_shared<const Node>(std::forward<Arguments>(arguments)...);
    }

    // --- boolean parts

    BooleanPart take_condition() {
        if (++depth_ > maximum_depth)
            return refuse_at(peek().offset,
                             fmt::format("nested deeper than {} levels", maximum_depth));
        BooleanPart result = take_series("or");
        --depth_;
        return result;
    }

    BooleanPart take_series(std::string_view connective) {
        const bool is_or = connective == "or";
        const std::size_t offset = peek().offset;
        std::vector<BooleanPart> parts;
        do {
            BooleanPart part = is_or ? take_series("and") : take_negation();
            if (!part) return nullptr;
            parts.push_back(std::move(part));
        } while (take_word(connective));
        if (parts.size() == 1) return parts.front();
        if (is_or) return make<AnyOf>(offset, std::move(parts));
        return make<AllOf>(offset, std::move(parts));
    }

    BooleanPart take_negation() {
        const std::size_t offset = peek().offset;
        if (!take_word("not")) return take_primary();
        if (++depth_ > maximum_depth)
            return refuse_at(offset, fmt::format("nested deeper than {} levels", maximum_depth));
        BooleanPart part = take_negation();
        --depth_;
        return part ? make<Not>(offset, std::move(part)) : nullptr;
    }

    BooleanPart take_primary() {
        const Token& token = peek();
        if (take_symbol("(")) {
            BooleanPart inner = take_condition();
            if (inner && !take_symbol(")")) return refuse(peek(), "expected \")\"");
            return inner;
        }
        if (token.kind == TokenKind::word) {
            if (take_word("exists")) return take_exists();
            if (const auto macro = names_.macros.find(token.value); macro != names_.macros.end())
                return use_macro(take(), macro->second);
        }
        auto left = take_sum();
        if (!left) return nullptr;
        return take_test(*left);
    }

    BooleanPart take_exists() {
        const Token& token = take();
        const auto field =
            token.kind == TokenKind::word ? find_field(on_, token.value) : std::nullopt;
        if (!field) return unknown_word(token);
        auto operand = make<FieldOperand>(token.offset, *field);
        return operand ? make<Exists>(token.offset, std::move(operand)) : nullptr;
    }

    BooleanPart use_macro(const Token& token, const Condition& macro) {
        if (macro.on() != on_)
            return refuse_at(token.offset,
                             fmt::format("macro \"{}\" is on {}, this condition is on {}",
                                         token.value, spec_of(macro.on()).name, spec_of(on_).name));
        if (in_aggregate_ && macro.windows() > 1)
            return refuse_at(token.offset, "an aggregate inside an aggregate");
        if (!count_node(token.offset, macro.nodes())) return nullptr;
        windows_ = std::max(windows_, macro.windows());
        return macro.root();
    }

    BooleanPart take_test(const TypedOperand& left) {
        const Token& token = peek();
        if (token.kind == TokenKind::symbol) {
            if (const Comparison* comparison = find_in(comparisons, token.value)) {
                take();
                return take_comparison(left, *comparison);
            }
        }
        if (token.kind == TokenKind::word) {
            const bool negated = take_word("not");
            const Token& test = peek();
            if (auto part = take_word_test(left, test)) {
                if (!*part || !negated) return *part;
                return make<Not>(test.offset, std::move(*part));
            }
            if (failed()) return nullptr;
            if (negated) return refuse(test, "expected \"in\", \"contains\" or another test");
        }
        if (left.type == ValueType::boolean) return make<IsTrue>(left.offset, left.operand);
        return refuse(token, fmt::format("expected a comparison of {}", to_string(left.type)));
    }

    BooleanPart take_comparison(const TypedOperand& left, Comparison comparison) {
        auto right = take_sum();
        if (!right) return nullptr;
        if (left.type == ValueType::address && right->type == ValueType::text)
            return refuse_at(right->offset, "compare addresses with: cidr \"...\"");
        if (left.type != right->type)
            return refuse_at(
                right->offset,
                fmt::format("expected {}, found {}", to_string(left.type), to_string(right->type)));
        const bool ordering =
            comparison != Comparison::equal && comparison != Comparison::not_equal;
        if (ordering && left.type != ValueType::integer)
            return refuse_at(
                left.offset,
                fmt::format("only whole numbers have an order, this is {}", to_string(left.type)));
        if (!count_node(left.offset)) return nullptr;
        return make_comparison(comparison, left.operand, right->operand);
    }

    /// Parses "in", "contains" etc. Returns nullopt without an error if `test` is none of them.
    std::optional<BooleanPart> take_word_test(const TypedOperand& left, const Token& test) {
        const TextMatch* match = find_in(text_matches, test.value);
        const bool is_in = test.value == "in";
        const bool is_regex = test.value == "regex";
        const bool is_cidr = test.value == "cidr";
        if (test.kind != TokenKind::word || (!match && !is_in && !is_regex && !is_cidr))
            return std::nullopt;
        const ValueType expected = is_cidr ? ValueType::address : ValueType::text;
        if (!(is_in && left.type == ValueType::integer) && left.type != expected) {
            refuse_at(left.offset, fmt::format("\"{}\" tests {}, this is {}", test.value,
                                               to_string(expected), to_string(left.type)));
            return std::nullopt;
        }
        take();
        auto set = take_set(test.value);
        if (!set) return std::nullopt;
        if (set->type != left.type && !(is_cidr && set->type == ValueType::text)) {
            refuse_at(test.offset, fmt::format("expected {}, found {}", to_string(left.type),
                                               to_string(set->type)));
            return std::nullopt;
        }
        if (is_cidr) return make_networks(left, *set, test.offset);
        if (is_regex) return make_regex(left, *set, test.offset);
        if (left.type == ValueType::integer)
            return make<InIntegers>(test.offset, left.operand,
                                    std::set(set->integers.begin(), set->integers.end()));
        return make<MatchesText>(test.offset, match ? *match : TextMatch::equal, left.operand,
                                 std::move(set->texts));
    }

    BooleanPart make_networks(const TypedOperand& left, const NamedList& set, std::size_t offset) {
        std::vector<IpNetwork> networks;
        for (const std::string& text : set.texts) {
            const auto network = parse_ip_network(text);
            if (!network) return refuse_at(offset, network_problem(text));
            networks.push_back(*network);
        }
        return make<InNetworks>(offset, left.operand, std::move(networks));
    }

    BooleanPart make_regex(const TypedOperand& left, const NamedList& set, std::size_t offset) {
        std::vector<std::unique_ptr<RE2>> patterns;
        for (const std::string& text : set.texts) {
            if (const std::string problem = regex_problem(text); !problem.empty())
                return refuse_at(offset, problem);
            patterns.push_back(compile_regex(text));
        }
        return make<MatchesRegex>(offset, left.operand, std::move(patterns));
    }

    // --- values

    /// Checks a pattern while its position is known. It is compiled later.
    bool check_pattern(std::string_view test, const Token& literal) {
        std::string problem;
        if (test == "cidr") problem = network_problem(literal.value);
        if (test == "regex") problem = regex_problem(literal.value);
        if (!problem.empty()) refuse_at(literal.offset, std::move(problem));
        return !failed();
    }

    std::optional<NamedList> take_set(std::string_view test) {
        const Token& token = peek();
        if (token.kind == TokenKind::word) {
            if (const auto list = names_.lists.find(token.value); list != names_.lists.end()) {
                take();
                if (!count_node(token.offset)) return std::nullopt;
                return list->second;
            }
        }
        NamedList set;
        bool first = true;
        const bool parenthesized = take_symbol("(");
        do {
            const bool is_negative = take_symbol("-");
            const Token& literal = take();
            const bool is_text = literal.kind == TokenKind::text && !is_negative;
            if (!is_text && literal.kind != TokenKind::integer) {
                refuse(literal, "expected a text, a number or the name of a list");
                return std::nullopt;
            }
            const ValueType type = is_text ? ValueType::text : ValueType::integer;
            if (!first && type != set.type) {
                refuse(literal, "expected values of one type");
                return std::nullopt;
            }
            if (!count_node(literal.offset)) return std::nullopt;
            set.type = type;
            first = false;
            if (!is_text)
                set.integers.push_back(is_negative ? -literal.integer : literal.integer);
            else if (check_pattern(test, literal))
                set.texts.push_back(literal.value);
            else
                return std::nullopt;
        } while (parenthesized && take_symbol(","));
        if (parenthesized && !take_symbol(")")) {
            refuse(peek(), "expected \",\" or \")\"");
            return std::nullopt;
        }
        return set;
    }

    std::optional<TypedOperand> take_sum() {
        auto left = take_product();
        while (left && (peek().value == "+" || peek().value == "-") &&
               peek().kind == TokenKind::symbol) {
            const auto operation = take().value == "+" ? Arithmetic::add : Arithmetic::subtract;
            left = combine(*left, operation, take_product());
        }
        return left;
    }

    std::optional<TypedOperand> take_product() {
        auto left = take_operand();
        while (left && take_symbol("*"))
            left = combine(*left, Arithmetic::multiply, take_operand());
        return left;
    }

    std::optional<TypedOperand> combine(const TypedOperand& left, Arithmetic operation,
                                        const std::optional<TypedOperand>& right) {
        if (!right) return std::nullopt;
        if (left.type != ValueType::integer || right->type != ValueType::integer) {
            refuse_at(left.type == ValueType::integer ? right->offset : left.offset,
                      "only whole numbers can be added or multiplied");
            return std::nullopt;
        }
        auto node = make<ArithmeticOperand>(left.offset, operation, left.operand, right->operand);
        if (!node) return std::nullopt;
        return TypedOperand{std::move(node), ValueType::integer, left.offset};
    }

    std::optional<TypedOperand> literal(std::size_t offset, ValueType type, Value value) {
        auto node = make<LiteralOperand>(offset, std::move(value));
        if (!node) return std::nullopt;
        return TypedOperand{std::move(node), type, offset};
    }

    std::optional<TypedOperand> take_operand() {
        const Token& token = take();
        switch (token.kind) {
        case TokenKind::integer:
            return literal(token.offset, ValueType::integer, token.integer);
        case TokenKind::text:
            return literal(token.offset, ValueType::text, token.value);
        case TokenKind::symbol:
            if (token.value == "-" && peek().kind == TokenKind::integer)
                return literal(token.offset, ValueType::integer, -take().integer);
            break;
        case TokenKind::word:
            if (token.value == "true" || token.value == "false")
                return literal(token.offset, ValueType::boolean, token.value == "true");
            if (peek().kind == TokenKind::symbol && peek().value == "(")
                return token.value == "total" ? take_total(token) : take_aggregate(token);
            if (const auto field = find_field(on_, token.value)) {
                auto node = make<FieldOperand>(token.offset, *field);
                if (!node) return std::nullopt;
                return TypedOperand{std::move(node), spec_of(on_).fields[*field].type,
                                    token.offset};
            }
            unknown_word(token);
            return std::nullopt;
        case TokenKind::end:
            break;
        }
        refuse(token, "expected a field, a number, a text or an aggregate");
        return std::nullopt;
    }

    /// Parses the sum of all counts of a histogram.
    std::optional<TypedOperand> take_total(const Token& function) {
        take(); // the opening parenthesis
        const Token& name = take();
        const auto bins = find_histogram(on_, name.value);
        if (name.kind != TokenKind::word || bins.empty()) {
            refuse(name, fmt::format("expected a histogram of {}", spec_of(on_).name));
            return std::nullopt;
        }
        std::optional<TypedOperand> sum;
        for (const FieldSpec& bin : bins) {
            auto count = make<FieldOperand>(name.offset, *find_field(on_, bin.name));
            if (!count) return std::nullopt;
            const TypedOperand next{std::move(count), ValueType::integer, function.offset};
            sum = sum ? combine(*sum, Arithmetic::add, next) : next;
            if (!sum) return std::nullopt;
        }
        if (take_symbol(")")) return sum;
        refuse(peek(), "expected \")\"");
        return std::nullopt;
    }

    std::nullptr_t unknown_word(const Token& token) {
        std::vector<std::string_view> candidates;
        for (const FieldSpec& field : spec_of(on_).fields) candidates.push_back(field.name);
        for (const auto& [name, macro] : names_.macros) candidates.push_back(name);
        return refuse_at(token.offset,
                         fmt::format("{} has no field \"{}\"{}; see: minewarden rules fields",
                                     spec_of(on_).name, escape_for_terminal(token.value),
                                     did_you_mean(token.value, candidates)));
    }

    std::optional<TypedOperand> take_aggregate(const Token& name) {
        const Aggregate* function = find_in(aggregates, name.value);
        if (function == nullptr && name.value != "count") {
            refuse_at(name.offset,
                      fmt::format("unknown function \"{}\"; expected sum, avg, min, max, "
                                  "count or total",
                                  escape_for_terminal(name.value)));
            return std::nullopt;
        }
        if (!spec_of(on_).per_window()) {
            refuse_at(name.offset,
                      fmt::format("{} is an event and has no windows to aggregate over",
                                  spec_of(on_).name));
            return std::nullopt;
        }
        if (in_aggregate_) {
            refuse_at(name.offset, "an aggregate inside an aggregate");
            return std::nullopt;
        }
        in_aggregate_ = true;
        take(); // the opening parenthesis
        std::optional<TypedOperand> value;
        BooleanPart condition;
        if (function != nullptr) {
            value = take_sum();
            if (value && value->type != ValueType::integer) {
                refuse_at(value->offset, fmt::format("{} needs whole numbers", name.value));
                value.reset();
            }
        } else {
            condition = take_condition();
        }
        in_aggregate_ = false;
        if (!value && !condition) return std::nullopt;
        const auto windows = take_span();
        if (!windows) return std::nullopt;
        Operand node;
        if (function != nullptr)
            node = make<AggregateOperand>(name.offset, *function, value->operand, *windows);
        else
            node = make<CountOperand>(name.offset, std::move(condition), *windows);
        if (!node) return std::nullopt;
        return TypedOperand{std::move(node), ValueType::integer, name.offset};
    }

    /// Parses "over N windows )".
    std::optional<std::size_t> take_span() {
        if (!take_word("over")) {
            refuse(peek(), "expected \"over N windows\"");
            return std::nullopt;
        }
        const Token& number = take();
        if (number.kind != TokenKind::integer || number.integer < 1 ||
            number.integer > maximum_windows) {
            refuse(number,
                   fmt::format("expected a number of windows from 1 to {}", maximum_windows));
            return std::nullopt;
        }
        if (!take_word("windows") && !take_word("window")) {
            refuse(peek(), "expected \"windows\"");
            return std::nullopt;
        }
        if (!take_symbol(")")) {
            refuse(peek(), "expected \")\"");
            return std::nullopt;
        }
        const auto windows = static_cast<std::size_t>(number.integer);
        windows_ = std::max(windows_, windows);
        return windows;
    }

    ObservationType on_;
    const Names& names_;
    unsigned depth_ = 0;
    bool in_aggregate_ = false;
    std::size_t windows_ = 1;
    std::size_t nodes_ = 0;
};

} // namespace

Result<Condition, std::vector<SyntaxError>>
Condition::compile(std::string_view source, ObservationType on, const Names& names) {
    Parser parser(source, on, names);
    BooleanPart root = parser.parse();
    if (!root) return fail(parser.take_errors());
    return Condition(std::move(root), on, parser.windows(), parser.nodes());
}

} // namespace minewarden::rules::conditions
