// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/stratum.h"

#include <algorithm>

namespace minewarden::rules {

std::string_view to_string(StratumDialect dialect) {
    return dialect == StratumDialect::monero ? "monero" : "bitcoin";
}

std::string_view to_string(StratumSide side) {
    return side == StratumSide::client ? "client" : "server";
}

std::string product_token(std::string_view text) {
    constexpr std::size_t maximum_bytes = 32;
    const std::size_t length = std::min({text.find(' '), text.size(), maximum_bytes});
    std::string token(text.substr(0, length));
    std::ranges::replace_if(token, [](char c) { return c <= ' ' || c > '~'; }, '?');
    return token;
}

} // namespace minewarden::rules
