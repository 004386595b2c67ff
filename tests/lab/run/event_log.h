// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <mutex>
#include <string_view>

namespace minewarden::lab {

/// Keeps the order of keys: messages have an exact form on the wire.
using Json = nlohmann::ordered_json;

/// Writes what happens, one JSON object a line, so that a test can measure against it:
/// {"event":"login_sent","time":"2026-11-20T15:01:56.123Z","boottime_ns":2216123456789,"pid":17,...}
/// `time` is wall time, `boottime_ns` CLOCK_BOOTTIME as in kernel events; both are taken inside
/// emit(). Lines are pure ASCII, so text that a peer sent cannot disturb a terminal.
class EventLog {
  public:
    using Sink = std::function<void(std::string_view line)>;

    /// Writes to stdout, each line at once.
    EventLog();
    explicit EventLog(Sink sink);

    /// Callable from every thread. `fields` is an object; its keys follow the common ones.
    void emit(std::string_view event, const Json& fields = Json::object());

  private:
    std::mutex mutex_;
    Sink sink_;
};

} // namespace minewarden::lab
