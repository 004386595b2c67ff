// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/run/event_log.h"

#include "common/clock.h"

#include <cerrno>
#include <unistd.h>
#include <utility>

namespace minewarden::lab {
namespace {

void write_to_stdout(std::string_view line) {
    while (!line.empty()) {
        const ssize_t put = ::write(STDOUT_FILENO, line.data(), line.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return; // the reader is gone; the time limit still applies
        line.remove_prefix(static_cast<std::size_t>(put));
    }
}

} // namespace

EventLog::EventLog() : EventLog(write_to_stdout) {
}

EventLog::EventLog(Sink sink) : sink_(std::move(sink)) {
}

void EventLog::emit(std::string_view event, const Json& fields) {
    const BootTime now = boot_now();
    Json line;
    line["event"] = event;
    line["time"] = to_rfc3339(to_wall(now));
    line["boottime_ns"] = now.ns;
    line["pid"] = ::getpid();
    for (const auto& [key, value] : fields.items()) line[key] = value;
    std::string text = line.dump(-1, ' ', true, Json::error_handler_t::replace);
    text += '\n';
    const std::lock_guard lock(mutex_);
    sink_(text);
}

} // namespace minewarden::lab
