// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/process_watch.h"

#include "agent/windows/syscall_window.h"
#include "common/host/process_files.h"
#include "common/log.h"

namespace minewarden::agent {
namespace {

std::optional<LargestRanges> largest_ranges_of(const rules::ImageKey& image) {
    const auto pid = static_cast<pid_t>(image.pid);
    const auto ranges = read_largest_ranges(pid);
    const auto start = read_start_ticks(pid);
    if (!ranges || !start || !matches_start(*start, image.start_boottime_ns)) return std::nullopt;
    return ranges;
}

} // namespace

ProcessWatch::ProcessWatch(ProcessTable& processes, Verdicts& verdicts, SyscallSampling& syscalls,
                           Pulls pulls, std::chrono::nanoseconds window)
    : processes_(processes),
      verdicts_(verdicts),
      syscalls_(syscalls),
      pulls_(std::move(pulls)),
      windows_(largest_ranges_of),
      workers_(processes.lineage(), window) {
}

void ProcessWatch::on_exec(const abi::process_exec_event& event) {
    if (const Process* before = processes_.find(event.subject.pid)) {
        const rules::ImageKey old = before->image;
        if (auto part = windows_.on_exec(old, event); !part.empty()) {
            verdicts_.observe(std::move(part));
            verdicts_.judge_now(old);
        }
    }
    const Process& process = processes_.on_exec(event);
    forget_departed();
    if (verdicts_.is_wanted(rules::ObservationType::process_exec))
        verdicts_.observe(
            {{process.image, observe_exec(process, processes_.find(event.parent.pid), event)}});
}

void ProcessWatch::on_fork(const abi::process_fork_event& event) {
    processes_.on_fork(event);
    forget_departed();
}

void ProcessWatch::on_exit(const abi::process_exit_event& event) {
    workers_.on_exit(event, windows_.counted_ns(event.thread_id, event.thread_start_boottime_ns));
    if (event.header.type == abi::EVENT_PROCESS_EXIT) processes_.on_exit(event);
    forget_departed();
}

void ProcessWatch::forget_departed() {
    if (!processes_.has_departures()) return;
    verdicts_.judge_news();
    for (const GoneImage& gone : processes_.take_gone()) {
        workers_.forget(gone.image);
        syscalls_.forget(gone.image);
        verdicts_.forget(gone);
    }
}

void ProcessWatch::end_window(BootTime now) {
    if (pulls_.tasks) observe_tasks(now);
    observe_syscalls(now);
}

void ProcessWatch::observe_tasks(BootTime now) {
    if (auto pulled = pulls_.tasks(table_); !pulled) {
        log::warn("this window is not judged: {}", pulled.error().message);
        return;
    }
    const std::size_t missed = processes_.reconcile(table_.processes);
    const bool first = !std::exchange(has_baseline_, true);
    if (!first) missed_ += missed;
    forget_departed();
    const FpModeCounts modes = pulls_.fp_modes();
    verdicts_.observe(windows_.close_window(table_, modes, now));
    if (verdicts_.is_wanted(rules::ObservationType::host_window) && !first)
        verdicts_.observe_host(windows_.host_window(pulls_.cpus()));
    const auto footprint = [this](const rules::ImageKey& image) {
        return windows_.footprint(image);
    };
    verdicts_.observe(workers_.close_window(windows_.thread_growth(), modes, now,
                                            {footprint, largest_ranges_of}));
}

void ProcessWatch::observe_syscalls(BootTime now) {
    for (const SyscallCounts& counts : syscalls_.take())
        if (processes_.runs(counts.image))
            verdicts_.observe(
                {{counts.image, minewarden::agent::observe_syscalls(
                                    counts, windows_.cpu_permille(counts.image), now)}});
}

} // namespace minewarden::agent
