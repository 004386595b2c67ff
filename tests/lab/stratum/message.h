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

/// The form of requests. Implementations differ, and a recogniser must accept all forms.
struct WireForm {
    KeyOrder order = KeyOrder::newer;
    bool spaces = false; ///< one space after every colon and comma outside strings
};

/// One request line with its newline.
[[nodiscard]] std::string request_line(const WireForm& form, Dialect dialect, std::int64_t id,
                                       std::string_view method, Json params);

/// Puts a space after every colon and comma that is not inside a string.
[[nodiscard]] std::string with_spaces(std::string_view compact);

/// A line from the peer: a request, an answer or a push.
struct Message {
    Json id;            ///< null, an integer or a short string
    std::string method; ///< empty in an answer
    Json params;
    Json result;
    Json error;
};

/// Parses a line. It must be a JSON object whose id and method have the types above. Errors: data.
/// The LineBuffer of the caller limits the length.
Result<Message> parse_message(std::string_view line);

/// The string at `key`. nullopt if `object` is not an object, or there is no string, or it is
/// longer.
[[nodiscard]] std::optional<std::string> string_at(const Json& object, std::string_view key,
                                                   std::size_t maximum_length);
/// The same for an element of an array.
[[nodiscard]] std::optional<std::string> string_at(const Json& array, std::size_t index,
                                                   std::size_t maximum_length);

} // namespace minewarden::lab
