// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::rules::language {

enum class TokenKind { word, integer, text, symbol, end };

struct Token {
    TokenKind kind = TokenKind::end;
    std::string value; ///< the word, the symbol, or the text without quotes and escapes
    std::int64_t integer = 0;
    std::size_t offset = 0; ///< in the source
};

/// Where in the condition something is wrong and what was expected.
struct SyntaxError {
    std::size_t offset = 0;
    std::string message;
};

/// Splits a condition. Words: [A-Za-z_][A-Za-z0-9_.]*; texts in double or single quotes with \\,
/// \",
/// \' and \n, \t; symbols: ( ) , = != < <= > >= + - *. Ends with a token of kind `end`. Problems go
/// to `errors`; what can be read is returned all the same.
[[nodiscard]] std::vector<Token> tokenize(std::string_view source,
                                          std::vector<SyntaxError>& errors);

} // namespace minewarden::rules::language
