// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/request.h"

#include <optional>

namespace minewarden::collector {

/// Where a handler runs.
enum class Lane {
    work,  ///< the pool, which may be busy
    health ///< its own thread, so that probes work while the pool is busy
};

/// Finds the handler for a method and a path. Not changed after the server has started; then any
/// thread may use it.
class Router {
  public:
    using Handler = std::function<Answer(const Request&)>;
    struct Route {
        Method method;
        std::vector<std::string> segments;
        Lane lane;
        Handler handler;                  ///< several threads may call it at once
        std::optional<Response> constant; ///< in place of a handler
    };

    /// `pattern` is a path; {name} matches one segment. GET includes HEAD.
    void add(Method method, std::string_view pattern, Handler handler, Lane lane = Lane::work);
    void get(std::string_view pattern, Handler handler, Lane lane = Lane::work) {
        add(Method::get, pattern, std::move(handler), lane);
    }
    /// A constant response to GET, without a handler.
    void constant(std::string_view pattern, Response response);

    /// Decodes the target of `request` into its query and segments, and finds the route. Returns a
    /// response instead if it is constant, or the error: 400 (encoding), 404 (path), or 405 with
    /// Allow (method).
    [[nodiscard]] std::variant<const Route*, Response> find(Request& request) const;

  private:
    std::vector<Route> routes_;
};

} // namespace minewarden::collector
