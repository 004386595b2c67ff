// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <mutex>
#include <string_view>

namespace minewarden::lab {

/// Keeps the order of keys, because messages have an exact form on the wire.
using Json = nlohmann::ordered_json;

/// Writes events as one JSON object per line, so that tests can compare with them:
/// {"event":"login_sent","time":"2026-11-20T15:01:56.123Z","boottime_ns":2216123456789,"pid":17,...}
/// `time` is wall time, `boottime_ns` is CLOCK_BOOTTIME as in kernel events; both are read in
/// emit(). Lines are pure ASCII, so that text of a peer cannot affect a terminal.
class EventLog {
  public:
    using Sink = std::function<void(std::string_view line)>;

    /// Writes to stdout and flushes each line.
    EventLog();
    explicit EventLog(Sink sink);

    /// Thread-safe. `fields`: an object, whose keys follow the common ones.
    void emit(std::string_view event, const Json& fields = Json::object());

  private:
    std::mutex mutex_;
    Sink sink_;
};

} // namespace minewarden::lab
