// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/request.h"

#include <optional>

namespace minewarden::collector {

/// Where a handler runs.
enum class Lane {
    work,  ///< the pool, which may be busy
    health ///< a thread of its own, so that probes are answered although the pool is busy
};

/// Finds the handler for a method and a path. Unchanged once the server has started; any thread may
/// look then.
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

    /// `pattern` is a path in which {name} stands for one segment. GET serves HEAD too.
    void add(Method method, std::string_view pattern, Handler handler, Lane lane = Lane::work);
    void get(std::string_view pattern, Handler handler, Lane lane = Lane::work) {
        add(Method::get, pattern, std::move(handler), lane);
    }
    /// A response to GET that is always the same, and given without any handler.
    void constant(std::string_view pattern, Response response);

    /// Reads the target of `request` into its query and segments, and finds the route. A response
    /// where there is none: the constant one, 400 for a broken encoding, 404 for an unknown path,
    /// 405 with Allow for a path that has other methods.
    [[nodiscard]] std::variant<const Route*, Response> find(Request& request) const;

  private:
    std::vector<Route> routes_;
};

} // namespace minewarden::collector
