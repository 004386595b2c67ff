// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/worker_windows.h"

#include "agent/processes/process_table.h"
#include "agent/windows/hot_threads.h"

#include <algorithm>

namespace minewarden::agent {
namespace {

/// The last control word of a thread is that of its work only if it was interrupted when it last
/// left its CPU. That is not recorded, so most of its switches must have been interruptions.
bool tells_of_work(const abi::process_exit_event& event) {
    return (event.fp_flags & abi::FP_EXIT_WORD) != 0 &&
           (event.fp_flags & abi::FP_GUEST_STATE) == 0 &&
           event.involuntary_switches > event.voluntary_switches;
}

/// Sets what the processes of a program hold: the most of each kind, and the ranges of the one that
/// holds most.
void set_memory(rules::Observation& observation, const std::set<rules::ImageKey>& processes,
                bool modes_changed, const WorkerWindows::Memory& memory) {
    namespace field = rules::workers_window;
    std::optional<Footprint> most;
    rules::ImageKey largest;
    for (const rules::ImageKey& image : processes) {
        const auto one = memory.footprint ? memory.footprint(image) : std::nullopt;
        if (!one) continue;
        if (!most || one->resident_mib > most->resident_mib) largest = image;
        if (!most) most.emplace();
        most->private_mib = std::max(most->private_mib, one->private_mib);
        most->resident_mib = std::max(most->resident_mib, one->resident_mib);
        most->device_written_kib_per_s =
            std::max(most->device_written_kib_per_s, one->device_written_kib_per_s);
    }
    if (!most) return;
    observation.set(field::private_mib, most->private_mib);
    observation.set(field::resident_mib, most->resident_mib);
    observation.set(field::device_written_kib_per_s, most->device_written_kib_per_s);
    const auto ranges =
        modes_changed && memory.largest_ranges ? memory.largest_ranges(largest) : std::nullopt;
    if (!ranges) return;
    observation.set(field::largest_mapping_mib,
                    static_cast<std::int64_t>(ranges->without_files >> 20));
    observation.set(field::largest_range_mib, static_cast<std::int64_t>(ranges->of_all >> 20));
}

std::uint64_t since(std::uint64_t begin, BootTime now) {
    return now.ns >= begin ? now.ns - begin : 0;
}

} // namespace

std::optional<rules::ImageKey> WorkerWindows::credited(const rules::ImageKey& image,
                                                       std::uint32_t thread_id,
                                                       std::uint64_t start_boottime_ns,
                                                       BootTime young_since) const {
    const rules::ImageKey owner = lineage_.credited(image, young_since);
    if (owner != image) return owner;
    const bool worker = thread_id != image.pid && start_boottime_ns >= young_since.ns;
    return worker ? std::optional(image) : std::nullopt;
}

void WorkerWindows::on_exit(const abi::process_exit_event& event, std::uint64_t counted_ns) {
    if (event.thread_runtime_ns < THREAD_EXIT_MINIMUM_NS) return;
    const BootTime now{event.header.boottime_ns};
    const rules::ImageKey image = to_image(event.subject);
    const auto owner =
        credited(image, event.thread_id, event.thread_start_boottime_ns, {since(young_ns_, now)});
    if (!owner) return;
    ended_threads_.emplace(event.thread_id, event.thread_start_boottime_ns);
    if (*owner != image) ended_processes_.emplace(image, *owner);
    Account& account = accounts_[*owner];
    const std::uint64_t cpu =
        event.thread_runtime_ns > counted_ns ? event.thread_runtime_ns - counted_ns : 0;
    ++account.ended;
    account.cpu_ns += cpu;
    account.cpu_since_scan_ns += event.thread_runtime_ns;
    account.life_ns += since(event.thread_start_boottime_ns, now);
    account.last_ended_window = windows_;
    if (tells_of_work(event))
        account.fp.count(event.control_word, (event.fp_flags & abi::FP_INITIAL_STATE) != 0);
}

std::vector<ProcessObservation> WorkerWindows::close_window(std::span<const ThreadGrowth> living,
                                                            const FpModeCounts& fp_modes,
                                                            BootTime now, const Memory& memory) {
    namespace field = rules::workers_window;
    const BootTime young_since{since(young_ns_, now)};
    std::map<rules::ImageKey, std::int64_t> alive;
    std::map<rules::ImageKey, std::set<rules::ImageKey>> processes; // that live, of each program
    for (const ThreadGrowth& thread : living) {
        if (ended_threads_.contains({thread.thread_id, thread.start_boottime_ns})) continue;
        const auto owner =
            credited(thread.image, thread.thread_id, thread.start_boottime_ns, young_since);
        const auto account = owner ? accounts_.find(*owner) : accounts_.end();
        if (account == accounts_.end()) continue;
        account->second.cpu_ns += thread.cpu_ns;
        ++alive[*owner];
        processes[*owner].insert(thread.image);
    }
    for (const ThreadModes& thread : fp_modes.threads()) {
        const auto ended = ended_processes_.find(thread.image);
        const auto owner =
            ended != ended_processes_.end()
                ? std::optional(ended->second)
                : credited(thread.image, thread.thread_id, thread.start_boottime_ns, young_since);
        const auto account = owner ? accounts_.find(*owner) : accounts_.end();
        if (account != accounts_.end()) account->second.fp += thread.count;
    }

    const std::uint64_t span = std::max<std::uint64_t>(since(last_window_.ns, now), 1);
    std::vector<ProcessObservation> observations;
    for (auto& [owner, account] : accounts_) {
        const auto cpu = static_cast<std::int64_t>(account.cpu_ns * 1000 / span);
        if (last_window_.ns != 0 && cpu >= WindowBuilder::report_permille) {
            rules::Observation observation(rules::ObservationType::workers_window);
            observation.time = now;
            observation.set(field::ended, account.ended);
            observation.set(field::living, alive[owner]);
            if (account.ended > 0)
                observation.set(
                    field::mean_life_ms,
                    static_cast<std::int64_t>(
                        account.life_ns / static_cast<std::uint64_t>(account.ended) / 1'000'000));
            observation.set(field::cpu_permille, cpu);
            observation.set(field::fp_samples, std::int64_t{account.fp.samples});
            observation.set(field::fp_nondefault, std::int64_t{account.fp.nondefault});
            observation.set(field::fp_modes, std::int64_t{account.fp.other_modes()});
            observation.set(field::rounding_nearest, std::int64_t{account.fp.by_mode[0]});
            observation.set(field::rounding_down, std::int64_t{account.fp.by_mode[1]});
            observation.set(field::rounding_up, std::int64_t{account.fp.by_mode[2]});
            observation.set(field::rounding_to_zero, std::int64_t{account.fp.by_mode[3]});
            observation.set(field::fp_flushed, std::int64_t{account.fp.flushed});
            processes[owner].insert(owner);
            set_memory(observation, processes[owner], account.fp.nondefault > 0, memory);
            observations.push_back({owner, std::move(observation)});
        }
        account.ended = 0;
        account.cpu_ns = 0;
        account.life_ns = 0;
        account.fp = {};
    }
    std::erase_if(accounts_, [this](const auto& item) {
        return windows_ - item.second.last_ended_window + 1 >= remembered_windows;
    });
    ended_processes_.clear();
    ended_threads_.clear();
    ++windows_;
    last_window_ = now;
    return observations;
}

const std::set<rules::ImageKey>& WorkerWindows::update_churning(BootTime now) {
    const std::uint64_t elapsed = since(last_scan_.ns, now);
    last_scan_ = now;
    churning_.clear();
    for (auto& [owner, account] : accounts_) {
        const bool hot = account.cpu_since_scan_ns * 1000 >= elapsed * hot_permille;
        account.cpu_since_scan_ns = 0;
        account.quiet_scans = hot ? 0 : account.quiet_scans + 1;
        if (account.quiet_scans < keep_scans) churning_.insert(owner);
    }
    return churning_;
}

void WorkerWindows::forget(const rules::ImageKey& image) {
    accounts_.erase(image);
    churning_.erase(image);
}

} // namespace minewarden::agent
