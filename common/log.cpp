// SPDX-License-Identifier: Apache-2.0
#include "common/log.h"

#include "common/text.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>

namespace minewarden::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
    case Level::debug:
        return spdlog::level::debug;
    case Level::info:
        return spdlog::level::info;
    case Level::warning:
        return spdlog::level::warn;
    case Level::error:
        break;
    }
    return spdlog::level::err;
}

/// The message as a JSON string (RFC 8259 section 7).
class JsonMessage final : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& out) override {
        for (const char c : message.payload) {
            if (c == '"' || c == '\\') {
                out.push_back('\\');
                out.push_back(c);
            } else if (static_cast<unsigned char>(c) < 0x20) {
                fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
            } else {
                out.push_back(c);
            }
        }
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<JsonMessage>();
    }
};

std::shared_ptr<spdlog::logger> make_logger(std::string_view program, std::string_view format) {
    auto logger = std::make_shared<spdlog::logger>(
        std::string(program), std::make_shared<spdlog::sinks::stderr_sink_mt>());
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    if (format == "json") {
        formatter->add_flag<JsonMessage>('*').set_pattern(
            R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","program":"%n","message":"%*"})");
    } else {
        formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %n %l: %v");
    }
    logger->set_formatter(std::move(formatter));
    logger->set_level(spdlog::level::debug); // lower levels are filtered in is_on()
    logger->flush_on(spdlog::level::debug);
    return logger;
}

struct State {
    std::mutex mutex;
    std::shared_ptr<spdlog::logger> logger = make_logger("minewarden", "text"); ///< under mutex
    std::atomic<Level> least = Level::warning;
};

State& state() {
    static State state;
    return state;
}

} // namespace

void set_up(std::string_view program, std::string_view format, std::string_view level) {
    auto logger = make_logger(program, format);
    State& current = state();
    const std::lock_guard lock(current.mutex);
    current.logger = std::move(logger);
    constexpr std::array names{"debug", "info", "warn", "error"};
    const auto found = std::ranges::find(names, level);
    current.least = static_cast<Level>(found == names.end() ? 1 : found - names.begin());
}

bool is_on(Level level) {
    return level >= state().least.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view message) {
    if (!is_on(level)) return;
    State& current = state();
    std::unique_lock lock(current.mutex);
    const std::shared_ptr<spdlog::logger> logger = current.logger;
    lock.unlock();
    logger->log(to_spdlog(level), escape_control_characters(message));
}

void write_lines(Level level, std::string_view text) {
    for (const std::string_view line : split(text, '\n'))
        if (!line.empty()) write(level, line);
}

} // namespace minewarden::log
