// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/principal.h"

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace minewarden::collector {

/// HEAD is a GET whose response is sent without its body. No route has `other`.
enum class Method { get, head, post, put, patch, delete_, other };

struct Request {
    Method method = Method::get;
    std::string target; ///< as in the request line: path and query, percent-encoded
    std::string content_type;
    std::string body; ///< at most RequestReader::Limits::body_bytes
    Principal principal;

    // From the target, by Router::find():
    std::vector<std::pair<std::string, std::string>> query; ///< decoded, in the order given
    std::map<std::string, std::string> segments;            ///< values of {name} in the pattern
};

struct Response {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    /// More header fields, such as Allow. Values never contain untrusted text.
    std::vector<std::pair<std::string, std::string>> fields = {};
};

/// An error for the client (RFC 9457), as application/problem+json.
struct Problem {
    unsigned status = 500;
    std::string title; ///< "": the default of the status
    std::string detail;
    std::string parameter = {}; ///< of the query, or ""
};
[[nodiscard]] Response to_response(const Problem& problem);
/// 503 with Retry-After: the same request may succeed soon.
[[nodiscard]] Response busy_response(std::string detail);

/// A short text for the status, such as "Not found".
[[nodiscard]] std::string_view title_of(unsigned status);

struct Later;
/// The result of a handler: a response, or Later if there is nothing to return yet.
using Answer = std::variant<Response, Later>;

/// `resume` is called after commits (is_last false) and at the deadline (is_last true; another
/// Later is then ignored). It runs on the pool like a handler, one call at a time.
struct Later {
    std::chrono::steady_clock::time_point deadline;
    std::function<Answer(bool is_last)> resume;
};

} // namespace minewarden::collector
