// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/fp_mode/fp_mode_sampler.h"

#include "common/clock.h"
#include "common/log.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <unistd.h>

namespace minewarden::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t stuck_after_ns = 1'000'000'000;

/// A quarter of a second on average, at random, so that no thread can avoid the samples.
std::chrono::milliseconds next_pause() {
    static thread_local std::minstd_rand generator(std::random_device{}());
    return std::chrono::milliseconds(std::uniform_int_distribution<int>(200, 300)(generator));
}

/// sched(7): a thread of the ordinary policy cannot interrupt these.
bool is_real_time(std::uint32_t policy) {
    return policy == SCHED_FIFO || policy == SCHED_RR || policy == 6 /* SCHED_DEADLINE */;
}

} // namespace

FpModeSampler::FpModeSampler(FpModeSource& source)
    : source_(source),
      visits_(read_isolated_cpus()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
}

FpModeSampler::~FpModeSampler() {
    thread_.request_stop();
    changed_.notify_all();
}

void FpModeSampler::watch(std::vector<ThreadKey> threads, std::vector<ThreadKey> processes) {
    {
        const std::lock_guard lock(mutex_);
        if (threads == wanted_ && processes == wanted_processes_) return;
        wanted_ = std::move(threads);
        wanted_processes_ = std::move(processes);
        wanted_is_new_ = true;
    }
    changed_.notify_all();
}

FpModeCounts FpModeSampler::take_window() {
    const std::lock_guard lock(mutex_);
    FpModeCounts taken = counts_;
    counts_.next_window();
    return taken;
}

std::vector<rules::ImageKey> FpModeSampler::take_striking() {
    const std::lock_guard lock(mutex_);
    return counts_.take_striking();
}

void FpModeSampler::rescue_if_stuck() {
    const std::uint64_t began = round_began_ns_;
    if (began == 0 || boot_now().ns - began < stuck_after_ns) return;
    visits_.rescue(thread_id_);
    source_.add_skipped();
}

void FpModeSampler::run(const std::stop_token& stop) {
    thread_id_ = ::gettid();
    source_.set_prompt(run_on_arrival());
    std::vector<ThreadKey> watched;
    std::vector<ThreadKey> processes;
    std::size_t next = 0;
    std::size_t next_process = 0;
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, stop, [this] {
                return wanted_is_new_ || !wanted_.empty() || !wanted_processes_.empty();
            });
            if (std::exchange(wanted_is_new_, false)) {
                watched = wanted_;
                processes = wanted_processes_;
                lock.unlock();
                if (auto done = source_.watch(watched); !done)
                    log::warn("{}", done.error().message);
                if (auto done = source_.watch_processes(processes); !done)
                    log::warn("{}", done.error().message);
            }
        }
        if (watched.empty() && processes.empty()) continue;
        round_began_ns_ = boot_now().ns;
        if (source_.can_read_one()) {
            next = next < watched.size() ? next : 0;
            const std::size_t count = std::min(threads_per_round, watched.size() - next);
            sample_each(std::span(watched).subspan(next, count));
            next += count;
            // Threads found by the scan come first. Processes get what is left of the round.
            next_process = sample_processes(processes, next_process, threads_per_round - count);
        } else {
            sample_all();
        }
        visits_.go_home();
        round_began_ns_ = 0;
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, next_pause(), [this] { return wanted_is_new_; });
    }
}

void FpModeSampler::count(const abi::fp_mode_record& record) {
    const std::lock_guard lock(mutex_);
    counts_.add(record);
}

bool FpModeSampler::visit(const abi::fp_mode_record& record) {
    if (!is_real_time(record.policy) && visits_.go_to(static_cast<int>(record.cpu))) return true;
    source_.add_skipped();
    return false;
}

void FpModeSampler::sample_each(std::span<const ThreadKey> threads) {
    for (const ThreadKey& thread : threads) {
        auto record = source_.read_one(thread);
        if (!record) continue;
        count(*record);
        if ((record->flags & abi::FP_ON_CPU) == 0 || !visit(*record)) continue;
        record = source_.read_one(thread);
        if (record) count(*record);
    }
}

std::size_t FpModeSampler::sample_processes(std::span<const ThreadKey> processes, std::size_t next,
                                            std::size_t visits) {
    const BootTime began = boot_now();
    if (processes.empty() || !processes_share_.is_due(began)) return next;
    const std::uint64_t cpu_before = thread_cpu_ns();
    for (std::size_t i = 0; i < processes.size() && visits > 0; ++i, ++next)
        visits -= sample_process(processes[next % processes.size()], visits);
    processes_share_.spend(began, thread_cpu_ns() - cpu_before);
    return next;
}

/// Reads the whole process after each visit: the thread for which the visit was made may have
/// ended, and another one was interrupted.
std::size_t FpModeSampler::sample_process(const ThreadKey& process, std::size_t visits) {
    std::vector<abi::fp_mode_record> running;
    const auto count_all = [&](std::span<const abi::fp_mode_record> records) {
        for (const abi::fp_mode_record& record : records) count(record);
    };
    for (const abi::fp_mode_record& record : source_.read_process(process)) {
        count(record);
        if ((record.flags & abi::FP_ON_CPU) != 0 && running.size() < visits)
            running.push_back(record);
    }
    std::size_t made = 0;
    for (const abi::fp_mode_record& record : running) {
        if (!visit(record)) continue;
        ++made;
        count_all(source_.read_process(process));
    }
    return made;
}

/// For kernels without single-thread iterators: first makes all visits, then reads all tasks in one
/// pass. By then the threads run again, but their saved words are those of the visits.
void FpModeSampler::sample_all() {
    const auto before = source_.read_all();
    if (!before) return;
    std::set<std::uint32_t> visited;
    for (const abi::fp_mode_record& record : *before) {
        count(record);
        if ((record.flags & abi::FP_ON_CPU) != 0 && !visited.contains(record.cpu) && visit(record))
            visited.insert(record.cpu);
    }
    const auto after = source_.read_all();
    if (!after) return;
    for (abi::fp_mode_record record : *after) {
        if (visited.contains(record.cpu))
            record.flags &= ~static_cast<std::uint32_t>(abi::FP_ON_CPU);
        count(record);
    }
}

} // namespace minewarden::agent
