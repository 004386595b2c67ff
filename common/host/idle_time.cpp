// SPDX-License-Identifier: Apache-2.0
#include "common/host/idle_time.h"

#include "common/file.h"
#include "common/text.h"

#include <charconv>

namespace minewarden {
namespace {

std::optional<std::int64_t> parse_digits(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

} // namespace

std::optional<std::chrono::nanoseconds> parse_idle_time(std::string_view uptime) {
    constexpr std::int64_t longest_seconds =
        8'000'000'000; // 250 years of one CPU; no overflow below
    const std::string_view line = trim(uptime);
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const std::string_view idle = line.substr(space + 1);
    const std::size_t point = idle.find('.');
    if (point == std::string_view::npos || idle.size() != point + 3) return std::nullopt;
    const auto seconds = parse_digits(idle.substr(0, point));
    const auto hundredths = parse_digits(idle.substr(point + 1));
    if (!seconds || !hundredths || *seconds > longest_seconds) return std::nullopt;
    return std::chrono::seconds(*seconds) + std::chrono::milliseconds(*hundredths * 10);
}

std::optional<std::chrono::nanoseconds> read_idle_time() {
    const auto text = read_file("/proc/uptime", 256);
    return text ? parse_idle_time(*text) : std::nullopt;
}

} // namespace minewarden
