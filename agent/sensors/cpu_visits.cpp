// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/cpu_visits.h"

#include "common/file.h"
#include "common/text.h"

#include <charconv>

namespace minewarden::agent {
namespace {

constexpr int maximum_cpus = 8192;

bool parse_number(std::string_view text, int& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value >= 0 &&
           value < maximum_cpus;
}

} // namespace

CpuVisits::CpuVisits(std::set<int> leave_alone) : leave_alone_(std::move(leave_alone)) {
    CPU_ZERO(&home_);
    ::sched_getaffinity(0, sizeof(home_), &home_);
}

bool CpuVisits::go_to(int cpu) {
    if (cpu < 0 || cpu >= CPU_SETSIZE || leave_alone_.contains(cpu)) return false;
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<std::size_t>(cpu), &only);
    if (::sched_setaffinity(0, sizeof(only), &only) == 0) return true;
    leave_alone_.insert(cpu); // another cpuset, or offline
    return false;
}

void CpuVisits::go_home() {
    ::sched_setaffinity(0, sizeof(home_), &home_);
}

void CpuVisits::rescue(pid_t thread_id) const {
    ::sched_setaffinity(thread_id, sizeof(home_), &home_);
}

std::set<int> parse_cpu_list(std::string_view text) {
    std::set<int> cpus;
    for (const std::string_view part : split(trim(text), ',')) {
        const std::size_t dash = part.find('-');
        int first = 0;
        int last = 0;
        if (!parse_number(part.substr(0, dash), first)) continue;
        last = first;
        if (dash != std::string_view::npos && !parse_number(part.substr(dash + 1), last)) continue;
        for (int cpu = first; cpu <= last; ++cpu) cpus.insert(cpu);
    }
    return cpus;
}

std::set<int> read_isolated_cpus() {
    std::set<int> cpus;
    for (const char* path :
         {"/sys/devices/system/cpu/isolated", "/sys/devices/system/cpu/nohz_full"}) {
        if (const auto text = read_file(path, 65536)) cpus.merge(parse_cpu_list(*text));
    }
    return cpus;
}

} // namespace minewarden::agent
