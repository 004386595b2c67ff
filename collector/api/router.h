// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace minewarden::collector {

/// A GET or HEAD request, decoded.
struct Request {
    std::string path;
    std::vector<std::pair<std::string, std::string>> query; ///< in the order given
    std::map<std::string, std::string> segments;            ///< values of {name} in the pattern
};

struct Response {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
};

/// An error for the client (RFC 9457), as application/problem+json.
struct Problem {
    unsigned status = 500;
    std::string title;
    std::string detail;
    std::string parameter = {}; ///< of the query, or ""
};
[[nodiscard]] Response to_response(const Problem& problem);

struct Later;
/// What a handler gives: the response, or Later when there is nothing to say yet.
using Answer = std::variant<Response, Later>;

/// `resume` is called again when something was committed (is_last false) and at the deadline
/// (is_last true), when Later would be ignored. In the server's thread.
struct Later {
    std::chrono::steady_clock::time_point deadline;
    std::function<Answer(bool is_last)> resume;
};

/// Finds the handler for a path. Handlers are called in one thread.
class Router {
  public:
    using Handler = std::function<Answer(const Request&)>;

    /// `pattern` is a path in which {name} stands for one segment.
    void get(std::string_view pattern, Handler handler);

    /// `target` is what stands in the request line: path and query, percent-encoded. Problems: 400
    /// for a broken encoding, 404 for an unknown path.
    [[nodiscard]] Answer route(std::string_view target) const;

  private:
    struct Route {
        std::vector<std::string> segments;
        Handler handler;
    };
    std::vector<Route> routes_;
};

} // namespace minewarden::collector
