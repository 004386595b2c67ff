// SPDX-License-Identifier: Apache-2.0
#include "common/log.h"

#include "common/bounded_output.h"
#include "common/text.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <unistd.h>

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

/// Lines that stderr does not take are dropped whole and counted.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        if (dropped_ > 0 && !write_line({message.logger_name, spdlog::level::warn,
                                         fmt::format("stderr was not read: {} log lines were "
                                                     "dropped",
                                                     dropped_)})) {
            ++dropped_;
            return;
        }
        dropped_ = write_line(message) ? 0 : 1;
    }
    void flush_() override {}

  private:
    /// False if the line is dropped.
    bool write_line(const spdlog::details::log_msg& message) {
        spdlog::memory_buf_t text;
        formatter_->format(message, text);
        // Threads that must not be held up log too: they wait once until stderr is read again.
        constexpr std::chrono::milliseconds patience{100};
        const auto written = output_.write({text.data(), text.size()},
                                           is_stalled_ ? std::chrono::milliseconds(0) : patience);
        is_stalled_ = !written;
        return !is_stalled_;
    }

    BoundedOutput output_{STDERR_FILENO};
    bool is_stalled_ = false;
    std::uint64_t dropped_ = 0; ///< lines since the last that was written
};

std::shared_ptr<spdlog::logger> make_logger(std::string_view program, std::string_view format) {
    auto logger =
        std::make_shared<spdlog::logger>(std::string(program), std::make_shared<StderrSink>());
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
