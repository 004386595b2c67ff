// SPDX-License-Identifier: Apache-2.0
#include "common/clock.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <ctime>

namespace minewarden {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

std::chrono::nanoseconds host_offset{0}; // written once, before threads start

std::int64_t read_clock(clockid_t id) {
    timespec now{};
    ::clock_gettime(id, &now);
    return now.tv_sec * ns_per_second + now.tv_nsec;
}

struct Unit {
    std::string_view suffix;
    std::int64_t ns;
};
constexpr std::array<Unit, 5> units = {{{"d", 86400 * ns_per_second},
                                        {"h", 3600 * ns_per_second},
                                        {"m", 60 * ns_per_second},
                                        {"s", ns_per_second},
                                        {"ms", 1'000'000}}};

/// Reads exactly `digits` decimal digits and removes them from the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
    if (error != std::errc{} || end != text.data() + digits || text.front() == '-')
        return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    const auto year = take_digits(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    const auto month = take_digits(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_digits(text, 2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    // The whole years that 64-bit nanoseconds can represent.
    if (!date.ok() || *year < 1678 || *year > 2261) return std::nullopt;
    const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
    std::int64_t ns = std::int64_t{days} * 86400 * ns_per_second;
    if (text.empty()) return WallTime{ns};

    if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    const auto minute = take_digits(text, 2);
    if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
    const auto second = take_digits(text, 2);
    if (!second || *second > 60) return std::nullopt;
    ns += (*hour * 3600 + *minute * 60 + *second) * ns_per_second;
    if (take(text, '.')) {
        std::int64_t scale = ns_per_second;
        std::size_t digits = 0;
        for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits) {
            scale /= 10;
            ns += (text.front() - '0') * scale;
            text.remove_prefix(1);
        }
        if (digits == 0) return std::nullopt;
    }
    if (text == "Z" || text == "z") return WallTime{ns};
    const bool east = text.starts_with('+');
    if (!east && !text.starts_with('-')) return std::nullopt;
    text.remove_prefix(1);
    const auto offset_hours = take_digits(text, 2);
    if (!offset_hours || *offset_hours > 23 || !take(text, ':')) return std::nullopt;
    const auto offset_minutes = take_digits(text, 2);
    if (!offset_minutes || *offset_minutes > 59 || !text.empty()) return std::nullopt;
    const std::int64_t offset = (*offset_hours * 3600 + *offset_minutes * 60) * ns_per_second;
    return WallTime{east ? ns - offset : ns + offset};
}

} // namespace

BootTime boot_now() {
    return {static_cast<std::uint64_t>(read_clock(CLOCK_BOOTTIME) - host_offset.count())};
}

std::chrono::nanoseconds host_clock_offset() {
    return host_offset;
}

void set_host_clock_offset(std::chrono::nanoseconds offset) {
    host_offset = offset;
}

WallTime wall_now() {
    return {read_clock(CLOCK_REALTIME)};
}

std::uint64_t thread_cpu_ns() {
    return static_cast<std::uint64_t>(read_clock(CLOCK_THREAD_CPUTIME_ID));
}

WallTime to_wall(BootTime time) {
    const std::int64_t offset =
        read_clock(CLOCK_REALTIME) - static_cast<std::int64_t>(boot_now().ns);
    return {static_cast<std::int64_t>(time.ns) + offset};
}

std::string to_rfc3339(WallTime time) {
    // Use milliseconds: converting them to days cannot overflow.
    const std::chrono::sys_time<std::chrono::milliseconds> point{
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::nanoseconds{time.ns})};
    const auto day = std::chrono::floor<std::chrono::days>(point);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{point - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    std::int64_t amount = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
    if (error != std::errc{} || amount < 0) return std::nullopt;
    const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const Unit& unit : units) {
        if (suffix != unit.suffix) continue;
        std::int64_t ns = 0;
        if (__builtin_mul_overflow(amount, unit.ns, &ns)) return std::nullopt;
        return std::chrono::nanoseconds{ns};
    }
    return std::nullopt;
}

std::string to_string(std::chrono::nanoseconds duration) {
    for (const Unit& unit : units) {
        if (duration.count() >= unit.ns && duration.count() % unit.ns == 0)
            return fmt::format("{}{}", duration.count() / unit.ns, unit.suffix);
    }
    return fmt::format("{}ms", duration.count() / 1'000'000);
}

std::optional<WallTime> parse_time(std::string_view text, WallTime now) {
    if (const auto age = parse_duration(text)) {
        std::int64_t ns = 0;
        if (__builtin_sub_overflow(now.ns, age->count(), &ns)) return std::nullopt;
        return WallTime{ns};
    }
    return parse_rfc3339(text);
}

} // namespace minewarden
