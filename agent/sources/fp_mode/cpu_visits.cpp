// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/fp_mode/cpu_visits.h"

#include "common/file.h"
#include "common/text.h"

#include <sys/syscall.h>

#include <charconv>
#include <cstdint>
#include <unistd.h>

namespace minewarden::agent {
namespace {

constexpr int maximum_cpus = 8192;
constexpr std::uint64_t shortest_slice_ns = 100'000; // the minimum in kernel/sched/syscalls.c

/// struct sched_attr of sched_setattr(2), as first published; <linux/sched/types.h> clashes with
/// <sched.h>, and glibc before 2.41 declares neither the struct nor the call.
struct SchedulingAttributes {
    std::uint32_t size = sizeof(SchedulingAttributes);
    std::uint32_t policy = SCHED_OTHER;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime_ns = 0;
    std::uint64_t deadline_ns = 0;
    std::uint64_t period_ns = 0;
};
static_assert(sizeof(SchedulingAttributes) == 48);

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

bool run_on_arrival() {
    SchedulingAttributes now;
    if (::syscall(SYS_sched_getattr, 0, &now, sizeof(now), 0) != 0) return false;
    SchedulingAttributes wanted;
    wanted.nice = now.nice;
    wanted.runtime_ns = shortest_slice_ns;
    const bool granted = ::syscall(SYS_sched_setattr, 0, &wanted, 0) == 0 &&
                         ::syscall(SYS_sched_getattr, 0, &now, sizeof(now), 0) == 0 &&
                         now.runtime_ns == shortest_slice_ns;
    if (granted) return true;
    wanted = {};
    wanted.policy = SCHED_FIFO;
    wanted.priority = 1;
    return ::syscall(SYS_sched_setattr, 0, &wanted, 0) == 0;
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
