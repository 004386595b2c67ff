// SPDX-License-Identifier: Apache-2.0
#include "common/host/process_files.h"

#include "common/clock.h"
#include "common/file.h"
#include "common/host/namespaces.h"
#include "common/text.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <unistd.h>

namespace minewarden {
namespace {

constexpr std::size_t proc_file_limit = 65536;
constexpr std::size_t maps_limit = 16 << 20; // vm.max_map_count is 65530 by default
// proc(5) counts the fields of stat from 1; the third is the first after the name.
constexpr std::size_t flags_field = 9;
constexpr std::size_t start_time_field = 22;
constexpr std::uint64_t exiting_flag = 0x4; // PF_EXITING of the kernel's sched.h
constexpr std::uint64_t ns_per_second = 1'000'000'000;
constexpr int maximum_threads_asked = 64;

template <class Number>
bool parse_whole(std::string_view text, Number& number) {
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && last == end;
}

std::optional<ProcessStat> read_stat(const std::string& directory) {
    const auto stat = read_file(directory + "/stat", proc_file_limit);
    return stat ? parse_process_stat(*stat) : std::nullopt;
}

std::string read_text(const std::string& path) {
    const auto text = read_file(path, proc_file_limit);
    return text ? to_valid_utf8(*text) : std::string();
}

/// The folder of a thread that is not ending, or "" if there is none among the first ones. A
/// program may continue in other threads after its first one ended.
std::string find_living_thread(const std::string& process) {
    std::error_code ignored;
    int asked = 0;
    for (std::filesystem::directory_iterator thread(process + "/task", ignored), end;
         thread != end && asked < maximum_threads_asked; thread.increment(ignored), ++asked) {
        const std::string directory = thread->path().string();
        if (const auto stat = read_stat(directory); stat && !stat->ending) return directory;
    }
    return {};
}

struct Mapping {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    bool accessible = false;
    bool is_file = false;
};

/// A line of maps: start-end perms offset device inode [path]
std::optional<Mapping> parse_mapping(std::string_view line) {
    Mapping mapping;
    const char* const line_end = line.data() + line.size();
    const auto first = std::from_chars(line.data(), line_end, mapping.start, 16);
    if (first.ec != std::errc{} || first.ptr == line_end || *first.ptr != '-') return std::nullopt;
    const auto last = std::from_chars(first.ptr + 1, line_end, mapping.end, 16);
    if (last.ec != std::errc{} || mapping.end < mapping.start) return std::nullopt;
    const std::string_view rest = line.substr(static_cast<std::size_t>(last.ptr - line.data()));
    mapping.accessible = !rest.starts_with(" ---");
    const std::size_t path = rest.find('/');
    const std::string_view name = path == rest.npos ? std::string_view() : rest.substr(path);
    mapping.is_file = !name.empty() && !name.starts_with("/anon_hugepage") &&
                      !name.starts_with("/memfd:") && !name.starts_with("/dev/zero") &&
                      !name.starts_with("/SYSV");
    return mapping;
}

/// Joins mappings that follow each other without a gap.
class Range {
  public:
    /// Length with this mapping, whose addresses are above those of the last one.
    std::uint64_t extend(std::uint64_t start, std::uint64_t end) {
        if (start != end_) start_ = start;
        end_ = end;
        return end_ - start_;
    }

  private:
    std::uint64_t start_ = 0;
    std::uint64_t end_ = 0;
};

} // namespace

std::string read_link(const std::string& path) {
    std::array<char, 4096> target;
    const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
    if (length <= 0) return {};
    return to_valid_utf8({target.data(), static_cast<std::size_t>(length)});
}

std::optional<ProcessStat> parse_process_stat(std::string_view stat) {
    // The command name (field 2) is in parentheses and may contain spaces and parentheses.
    const std::size_t closing = stat.rfind(')');
    if (closing == stat.npos || closing + 2 > stat.size()) return std::nullopt;
    const auto fields = split(stat.substr(closing + 2), ' ');
    if (fields.size() <= start_time_field - 3) return std::nullopt;
    ProcessStat result;
    std::uint64_t flags = 0;
    if (!parse_whole(fields[flags_field - 3], flags) ||
        !parse_whole(trim(fields[start_time_field - 3]), result.start_ticks))
        return std::nullopt;
    result.ending = (flags & exiting_flag) != 0;
    return result;
}

std::optional<std::uint64_t> read_start_ticks(pid_t pid) {
    const auto stat = read_stat(fmt::format("/proc/{}", pid));
    return stat ? std::optional(stat->start_ticks) : std::nullopt;
}

bool matches_start(std::uint64_t start_ticks, std::uint64_t start_boottime_ns) {
    static const auto ticks_per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    const auto offset = static_cast<std::uint64_t>(host_clock_offset().count());
    return start_ticks == (start_boottime_ns + offset) / (ns_per_second / ticks_per_second);
}

std::uint32_t parse_pid_inside(std::string_view status) {
    constexpr std::string_view key = "NSpid:";
    for (const std::string_view line : split(status, '\n')) {
        if (!line.starts_with(key)) continue;
        const auto pids = split(trim(line.substr(key.size())), '\t');
        std::uint32_t inside = 0;
        if (pids.size() < 2 || !parse_whole(pids.back(), inside)) return 0;
        return inside;
    }
    return 0;
}

std::optional<std::string> find_living_directory(pid_t pid, std::uint64_t start_boottime_ns) {
    std::string process = fmt::format("/proc/{}", pid);
    const auto stat = read_stat(process);
    if (!stat || !matches_start(stat->start_ticks, start_boottime_ns)) return std::nullopt;
    if (stat->ending) process = find_living_thread(process);
    if (process.empty()) return std::nullopt;
    return process;
}

std::optional<ProcessFacts> read_process_facts(pid_t pid, std::uint64_t start_boottime_ns) {
    const std::string process = fmt::format("/proc/{}", pid);
    const auto first = read_stat(process);
    if (!first || !matches_start(first->start_ticks, start_boottime_ns)) return std::nullopt;
    std::string thread = first->ending ? find_living_thread(process) : process;
    ProcessFacts facts;
    facts.ending = thread.empty();
    if (facts.ending) thread = process;
    facts.executable = read_link(thread + "/exe");
    struct stat file{};
    if (::stat((thread + "/exe").c_str(), &file) == 0) facts.file_inode = file.st_ino;
    facts.cgroups = read_text(thread + "/cgroup");
    facts.namespaces = compare_with_host(thread);
    facts.pid_inside = parse_pid_inside(read_text(process + "/status"));
    // Read it again last: if the start is unchanged, everything was about this process.
    const auto stat = read_stat(thread);
    const auto last = read_stat(process);
    if (!last || last->start_ticks != first->start_ticks) return std::nullopt;
    if (!stat || stat->ending) facts.ending = true;
    return facts;
}

std::string read_executable(pid_t pid) {
    return read_link(fmt::format("/proc/{}/exe", pid));
}

LargestRanges largest_ranges(std::string_view maps) {
    LargestRanges largest;
    Range all;
    Range without_files;
    for (const std::string_view line : split(maps, '\n')) {
        const auto mapping = parse_mapping(line);
        if (!mapping || !mapping->accessible) continue;
        largest.of_all = std::max(largest.of_all, all.extend(mapping->start, mapping->end));
        if (!mapping->is_file)
            largest.without_files =
                std::max(largest.without_files, without_files.extend(mapping->start, mapping->end));
    }
    return largest;
}

std::optional<LargestRanges> read_largest_ranges(pid_t pid) {
    const std::string process = fmt::format("/proc/{}", pid);
    const auto first = read_stat(process);
    if (!first) return std::nullopt;
    const std::string thread = first->ending ? find_living_thread(process) : process;
    if (thread.empty()) return std::nullopt;
    const auto maps = read_file(thread + "/maps", maps_limit);
    if (!maps) return std::nullopt;
    return largest_ranges(*maps);
}

std::string read_cgroups(pid_t pid) {
    return read_text(fmt::format("/proc/{}/cgroup", pid));
}

} // namespace minewarden
