// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::rules::conditions {

enum class TokenKind { word, integer, text, symbol, end };

struct Token {
    TokenKind kind = TokenKind::end;
    std::string value; ///< the word, the symbol, or the text without quotes and escapes
    std::int64_t integer = 0;
    std::size_t offset = 0; ///< in the source
};

/// A problem in a condition: its position and what was expected.
struct SyntaxError {
    std::size_t offset = 0;
    std::string message;
};

/// Splits a condition into tokens; the last has kind `end`.
/// Words: [A-Za-z_][A-Za-z0-9_.]*. Texts: in double or single quotes, with the escapes \\, \", \',
/// \n and \t. Symbols: ( ) , = != < <= > >= + - *. Appends problems to `errors` and returns the
/// tokens that it can read.
[[nodiscard]] std::vector<Token> tokenize(std::string_view source,
                                          std::vector<SyntaxError>& errors);

} // namespace minewarden::rules::conditions
