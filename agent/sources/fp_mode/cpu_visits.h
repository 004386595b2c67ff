// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <sys/types.h>

#include <sched.h>
#include <set>
#include <string_view>

namespace minewarden::agent {

/// Moves the calling thread from CPU to CPU. A thread that computes there is interrupted for a few
/// microseconds, and the kernel saves its registers at that moment.
class CpuVisits {
  public:
    /// Remembers where this thread may run now. `leave_alone`: CPUs that are never visited.
    explicit CpuVisits(std::set<int> leave_alone);

    /// Returns false if the CPU is left alone or this thread may not run there.
    bool go_to(int cpu);
    /// Allows this thread to run again where it could run at first.
    void go_home();

    /// Lets a thread that is stuck behind a real-time task run elsewhere. Any thread may call this.
    void rescue(pid_t thread_id) const;

  private:
    std::set<int> leave_alone_;
    cpu_set_t home_;
};

/// Makes the calling thread run as soon as it arrives on a busy CPU, and not only when the thread
/// there sleeps: only an interrupted thread shows what it computes. Requests the shortest slice
/// (Linux 6.12: sched_attr::sched_runtime of SCHED_OTHER, EEVDF's PREEMPT_SHORT), or else the
/// lowest real-time priority. Returns false if neither was granted; then there are fewer samples.
bool run_on_arrival();

/// CPUs that are reserved for work that must not be interrupted, by the boot parameters isolcpus=
/// and nohz_full=, according to /sys/devices/system/cpu.
[[nodiscard]] std::set<int> read_isolated_cpus();

/// "2-3,7" -> {2, 3, 7}. Skips what it cannot parse. At most 8192 CPUs.
[[nodiscard]] std::set<int> parse_cpu_list(std::string_view text);

} // namespace minewarden::agent
