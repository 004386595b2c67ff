// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/syscall_window.h"

#include <sys/syscall.h>

#include <algorithm>
#include <initializer_list>
#include <numeric>

namespace minewarden::agent {

rules::Observation observe_syscalls(const SyscallCounts& counts, std::int64_t cpu_permille,
                                    BootTime now) {
    namespace field = rules::syscalls_window;
    const auto per_second = [&](std::uint64_t count) {
        const std::uint64_t span_ms = std::max<std::uint64_t>(counts.span_ns / 1'000'000, 1);
        return static_cast<std::int64_t>(count * 1000 / span_ms);
    };
    const auto sum = [&](std::initializer_list<std::size_t> numbers) {
        std::uint64_t total = 0;
        for (const std::size_t number : numbers) total += counts.counts[number];
        return per_second(total);
    };
    rules::Observation observation(rules::ObservationType::syscalls_window);
    observation.time = now;
    observation.set(field::cpu_permille, cpu_permille);
    observation.set(
        field::total_per_s,
        per_second(std::accumulate(counts.counts.begin(), counts.counts.end(), std::uint64_t{0})));
    observation.set(field::sched_yield_per_s, sum({SYS_sched_yield}));
    observation.set(field::sleep_per_s, sum({SYS_nanosleep, SYS_clock_nanosleep}));
    observation.set(field::futex_per_s, sum({SYS_futex}));
    observation.set(field::read_per_s,
                    sum({SYS_read, SYS_pread64, SYS_readv, SYS_preadv, SYS_recvfrom, SYS_recvmsg}));
    observation.set(field::write_per_s, sum({SYS_write, SYS_pwrite64, SYS_writev, SYS_pwritev,
                                             SYS_sendto, SYS_sendmsg, SYS_sendmmsg}));
    observation.set(field::poll_per_s, sum({SYS_poll, SYS_ppoll, SYS_select, SYS_pselect6,
                                            SYS_epoll_wait, SYS_epoll_pwait}));
    return observation;
}

} // namespace minewarden::agent
