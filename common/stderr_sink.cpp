// SPDX-License-Identifier: Apache-2.0
#include "common/stderr_sink.h"

#include <spdlog/details/log_msg.h>

#include <chrono>
#include <poll.h>
#include <unistd.h>

namespace minewarden::log {
namespace {

using Clock = std::chrono::steady_clock;

/// For a reader that is only slow. Threads that must not be held up log too.
constexpr std::chrono::milliseconds patience{100};

} // namespace

StderrSink::StderrSink() : writer_(STDERR_FILENO) {
}

void StderrSink::sink_it_(const spdlog::details::log_msg& message) {
    if (dropped_ > 0) {
        const std::string text =
            fmt::format("{} lines of the log were dropped: stderr was not read", dropped_);
        if (!write_line(format({message.logger_name, spdlog::level::warn, text}))) {
            ++dropped_;
            return;
        }
        dropped_ = 0;
    }
    if (!write_line(format(message))) ++dropped_;
}

std::string StderrSink::format(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    return {text.data(), text.size()};
}

/// False if the line is not written, not even in part.
bool StderrSink::write_line(const std::string& line) {
    if (!rest_.empty() && !write_some(rest_)) return false;
    std::string text = line;
    if (write_some(text)) return true;
    if (text.size() == line.size()) return false;
    rest_ = std::move(text); // so that the next line begins at a line
    return true;
}

/// Takes what is written off `text`. True if that is all.
bool StderrSink::write_some(std::string& text) {
    const auto end = Clock::now() + (is_stalled_ ? std::chrono::milliseconds(0) : patience);
    while (!text.empty()) {
        const auto written = writer_.write(text);
        if (!written) return false;
        if (*written > 0) {
            is_stalled_ = false;
            text.erase(0, *written);
            continue;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        pollfd wait{writer_.fd(), POLLOUT, 0};
        if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) {
            is_stalled_ = true;
            return false;
        }
    }
    return true;
}

} // namespace minewarden::log
