// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <sys/types.h>

#include <sched.h>
#include <set>
#include <string_view>

namespace minewarden::agent {

/// Moves the calling thread from CPU to CPU. A thread that computes there is interrupted for a few
/// microseconds, and the kernel saves its registers at that moment of its work.
class CpuVisits {
  public:
    /// Remembers where this thread may run now; `leave_alone` are CPUs never to visit.
    explicit CpuVisits(std::set<int> leave_alone);

    /// False if the CPU is left alone or this thread may not run there.
    bool go_to(int cpu);
    /// Back to where the thread could run at first.
    void go_home();

    /// Lets a thread that is stuck behind a real-time task run elsewhere. Any thread may call.
    void rescue(pid_t thread_id) const;

  private:
    std::set<int> leave_alone_;
    cpu_set_t home_;
};

/// Makes the calling thread run as soon as it arrives on a busy CPU, and not when the thread there
/// next sleeps of its own will: only an interrupted thread shows at what it worked. Asks for the
/// shortest slice (Linux 6.12: sched_attr::sched_runtime of SCHED_OTHER, EEVDF's PREEMPT_SHORT),
/// and before that for the lowest real-time priority. False if neither was granted; the thread then
/// works as any other, with fewer samples from a quiet host.
bool run_on_arrival();

/// CPUs that were set apart for work that must not be interrupted: the boot parameters isolcpus=
/// and nohz_full=, as /sys/devices/system/cpu tells them.
[[nodiscard]] std::set<int> read_isolated_cpus();

/// "2-3,7" -> {2, 3, 7}; what cannot be read is left out. At most 8192 CPUs.
[[nodiscard]] std::set<int> parse_cpu_list(std::string_view text);

} // namespace minewarden::agent
