// SPDX-License-Identifier: Apache-2.0
#include "rules/conditions/lexer.h"

#include "common/text.h"

#include <fmt/core.h>

#include <charconv>

namespace minewarden::rules::conditions {
namespace {

bool starts_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool continues_word(char c) {
    return starts_word(c) || is_digit(c) || c == '.';
}

class Lexer {
  public:
    Lexer(std::string_view source, std::vector<SyntaxError>& errors)
        : source_(source), errors_(errors) {}

    std::vector<Token> run() {
        while (at_ < source_.size()) {
            const char c = source_[at_];
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
                ++at_;
            else if (starts_word(c))
                take_word();
            else if (is_digit(c))
                take_integer();
            else if (c == '"' || c == '\'')
                take_text(c);
            else
                take_symbol();
        }
        tokens_.push_back({TokenKind::end, "", 0, source_.size()});
        return std::move(tokens_);
    }

  private:
    void take_word() {
        const std::size_t start = at_;
        while (at_ < source_.size() && continues_word(source_[at_])) ++at_;
        tokens_.push_back(
            {TokenKind::word, std::string(source_.substr(start, at_ - start)), 0, start});
    }

    void take_integer() {
        const std::size_t start = at_;
        while (at_ < source_.size() && continues_word(source_[at_])) ++at_;
        const std::string_view digits = source_.substr(start, at_ - start);
        std::int64_t value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{} || end != digits.data() + digits.size())
            errors_.push_back(
                {start, fmt::format("\"{}\" is not a whole number", escape_for_terminal(digits))});
        tokens_.push_back({TokenKind::integer, std::string(digits), value, start});
    }

    void take_text(char quote) {
        const std::size_t start = at_++;
        std::string value;
        for (; at_ < source_.size() && source_[at_] != quote; ++at_) {
            if (source_[at_] != '\\') {
                value += source_[at_];
                continue;
            }
            const char escaped = ++at_ < source_.size() ? source_[at_] : '\0';
            if (escaped == 'n')
                value += '\n';
            else if (escaped == 't')
                value += '\t';
            else if (escaped == '\\' || escaped == '"' || escaped == '\'')
                value += escaped;
            else
                errors_.push_back({at_, "unknown escape; write \\\\ for a backslash"});
        }
        if (at_ >= source_.size())
            errors_.push_back({start, "text without a closing quote"});
        else
            ++at_;
        tokens_.push_back({TokenKind::text, std::move(value), 0, start});
    }

    void take_symbol() {
        for (const std::string_view symbol :
             {"!=", "<=", ">=", "=", "<", ">", "(", ")", ",", "+", "-", "*"}) {
            if (!source_.substr(at_).starts_with(symbol)) continue;
            tokens_.push_back({TokenKind::symbol, std::string(symbol), 0, at_});
            at_ += symbol.size();
            return;
        }
        errors_.push_back({at_, fmt::format("unexpected character \"{}\"",
                                            escape_for_terminal(source_.substr(at_, 1)))});
        ++at_;
    }

    std::string_view source_;
    std::vector<SyntaxError>& errors_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

} // namespace

std::vector<Token> tokenize(std::string_view source, std::vector<SyntaxError>& errors) {
    return Lexer(source, errors).run();
}

} // namespace minewarden::rules::conditions
