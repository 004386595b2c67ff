// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"
#include "tests/lab/run/event_log.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden::lab {

enum class Dialect { monero, bitcoin };

enum class KeyOrder {
    newer, ///< id, jsonrpc (Monero only), method, params
    older, ///< method, params, id
};

/// How a client writes its requests; implementations differ and a recogniser must not care.
struct WireForm {
    KeyOrder order = KeyOrder::newer;
    bool spaces = false; ///< one space after every colon and comma outside strings
};

/// One request line with its newline.
[[nodiscard]] std::string request_line(const WireForm& form, Dialect dialect, std::int64_t id,
                                       std::string_view method, Json params);

/// Puts a space after every colon and comma that is not inside a string.
[[nodiscard]] std::string with_spaces(std::string_view compact);

/// A line from the other side: a request, an answer or a push.
struct Message {
    Json id;            ///< null, an integer or a short string
    std::string method; ///< empty in an answer
    Json params;
    Json result;
    Json error;
};

/// Checks that the line is a JSON object whose id and method have the types above. The error is of
/// kind data. Bounds are the caller's: a line has at most the length its LineBuffer allows.
Result<Message> parse_message(std::string_view line);

/// The string under `key`; nullopt if `object` is no object, or there is none, or it is longer.
[[nodiscard]] std::optional<std::string> string_at(const Json& object, std::string_view key,
                                                   std::size_t maximum_length);
/// The same for an element of an array.
[[nodiscard]] std::optional<std::string> string_at(const Json& array, std::size_t index,
                                                   std::size_t maximum_length);

} // namespace minewarden::lab
