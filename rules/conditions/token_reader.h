// SPDX-License-Identifier: Apache-2.0
// Reads the tokens of one condition and keeps the first problem.
#pragma once

#include "common/text.h"
#include "rules/conditions/lexer.h"

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace minewarden::rules::conditions {

class TokenReader {
  public:
    explicit TokenReader(std::string_view source) : tokens_(tokenize(source, errors_)) {}

    [[nodiscard]] bool failed() const { return !errors_.empty(); }
    std::vector<SyntaxError> take_errors() { return std::move(errors_); }

    /// The last token has kind `end`; take() does not move past it.
    [[nodiscard]] const Token& peek() const { return tokens_[at_]; }
    const Token& take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
    bool take_word(std::string_view word) { return take_if(TokenKind::word, word); }
    bool take_symbol(std::string_view symbol) { return take_if(TokenKind::symbol, symbol); }

    /// Keeps the first problem only, because later ones usually follow from it. Always returns
    /// nullptr.
    std::nullptr_t refuse(const Token& token, std::string message) {
        return refuse_at(token.offset, token.kind == TokenKind::end
                                           ? message + ", found the end"
                                           : fmt::format("{}, found \"{}\"", message,
                                                         escape_for_terminal(token.value)));
    }
    std::nullptr_t refuse_at(std::size_t offset, std::string message) {
        if (errors_.empty()) errors_.push_back({offset, std::move(message)});
        return nullptr;
    }

  private:
    bool take_if(TokenKind kind, std::string_view value) {
        if (peek().kind != kind || peek().value != value) return false;
        take();
        return true;
    }

    std::vector<SyntaxError> errors_; // before tokens_, which report into it
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

} // namespace minewarden::rules::conditions
