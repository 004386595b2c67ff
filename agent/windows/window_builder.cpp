// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/window_builder.h"

#include "agent/processes/process_table.h"
#include "agent/windows/hot_threads.h"

#include <algorithm>

namespace minewarden::agent {
namespace {

using rules::Observation;
using rules::ObservationType;

constexpr std::uint64_t ns_per_second = 1'000'000'000;

std::string_view policy_name(std::uint16_t policy) {
    switch (policy) { // sched(7)
    case 0:
        return "other";
    case 1:
        return "fifo";
    case 2:
        return "rr";
    case 3:
        return "batch";
    case 5:
        return "idle";
    case 6:
        return "deadline";
    default:
        return "unknown";
    }
}

std::int64_t to_integer(std::uint64_t value) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
}

struct ImageHash {
    std::size_t operator()(const rules::ImageKey& key) const {
        return std::hash<std::uint64_t>{}(key.start_boottime_ns ^ key.image ^
                                          (std::uint64_t{key.pid} << 32));
    }
};

std::int64_t to_mib(std::uint64_t bytes) {
    return to_integer(bytes >> 20);
}

Footprint footprint_of(const abi::process_record& record, std::int64_t device_written_kib) {
    const std::uint64_t own = record.anonymous_bytes + record.shared_bytes + record.huge_bytes;
    return {to_mib(own), to_mib(own + record.file_bytes), device_written_kib};
}

/// Counters only grow. A smaller value than before belongs to another thread with the same id.
std::uint64_t growth(std::uint64_t now, std::uint64_t before) {
    return now >= before ? now - before : 0;
}

} // namespace

struct WindowBuilder::Sums {
    rules::ImageKey image;
    bool baseline = false; // there is no earlier pull to compare with
    std::vector<Observation> threads;
    std::uint64_t live_runtime_ns = 0;
    MovedBytes moved; // by threads that live
    std::uint64_t voluntary = 0;
    std::int64_t hot_threads = 0;
    std::int64_t hottest = 0;
    std::int64_t least_hot = 0;
};

std::int64_t WindowBuilder::permille(std::uint64_t cpu_ns) const {
    const std::uint64_t span = now_.ns - last_.ns;
    return span == 0 ? 0 : to_integer(cpu_ns * 1000 / span);
}

std::int64_t WindowBuilder::device_written_kib(const MovedBytes& before,
                                               const MovedBytes& now) const {
    // What others wrote and the process truncated is below 0.
    const std::int64_t bytes =
        std::max<std::int64_t>(now.device_written - before.device_written, 0);
    return per_second(static_cast<std::uint64_t>(bytes) >> 10);
}

void WindowBuilder::set_moved(Observation& observation, const MovedBytes& before,
                              const MovedBytes& now) const {
    namespace field = rules::process_window;
    observation.set(field::read_kib_per_s, per_second(growth(now.read, before.read) >> 10));
    observation.set(field::written_kib_per_s,
                    per_second(growth(now.written, before.written) >> 10));
    observation.set(field::device_read_kib_per_s,
                    per_second(growth(now.device_read, before.device_read) >> 10));
    observation.set(field::device_written_kib_per_s, device_written_kib(before, now));
}

std::int64_t WindowBuilder::per_second(std::uint64_t count) const {
    const std::uint64_t span = now_.ns - last_.ns;
    return span == 0 ? 0 : to_integer(count * 1000 / std::max<std::uint64_t>(span / 1'000'000, 1));
}

void WindowBuilder::add_thread(const abi::thread_record& thread, const FpModeCounts& fp_modes,
                               Sums& sums) {
    namespace field = rules::thread_window;
    ThreadTotals& before = threads_[thread.thread_id];
    if (before.start_boottime_ns != thread.start_boottime_ns) before = {};
    sums.live_runtime_ns += thread.runtime_ns;
    sums.moved.read += thread.read_bytes;
    sums.moved.written += thread.written_bytes;
    sums.moved.device_read += thread.device_read_bytes;
    sums.moved.device_written += thread.device_written_bytes;

    const std::uint64_t cpu_ns = growth(thread.runtime_ns, before.runtime_ns);
    const std::int64_t cpu = permille(cpu_ns);
    const std::uint64_t user = growth(thread.user_ns, before.user_ns);
    const std::uint64_t system = growth(thread.system_ns, before.system_ns);
    const std::uint64_t voluntary = growth(thread.voluntary_switches, before.voluntary);
    const std::uint64_t involuntary = growth(thread.involuntary_switches, before.involuntary);
    before = {
        thread.start_boottime_ns,  thread.runtime_ns,           thread.user_ns, thread.system_ns,
        thread.voluntary_switches, thread.involuntary_switches, pulls_};
    // A thread missing in the last pull had run for less than THREAD_RECORD_MINIMUM_NS: counting
    // from 0 is right to within that.
    if (sums.baseline) return;

    if (cpu_ns > 0)
        growth_.push_back({sums.image, thread.thread_id, thread.start_boottime_ns, cpu_ns});
    const FpModeCount fp = fp_modes.of(sums.image, thread.thread_id);
    sums.voluntary += voluntary;
    if (cpu >= static_cast<std::int64_t>(hot_permille)) {
        sums.hottest = std::max(sums.hottest, cpu);
        sums.least_hot = sums.hot_threads == 0 ? cpu : std::min(sums.least_hot, cpu);
        ++sums.hot_threads;
    }
    if (cpu < report_permille) return;
    Observation observation(ObservationType::thread_window);
    observation.time = now_;
    observation.entity = thread.thread_id;
    observation.set(field::thread, std::int64_t{thread.thread_id});
    observation.set(field::cpu_permille, cpu);
    if (user + system > 0)
        observation.set(field::user_permille, to_integer(user * 1000 / (user + system)));
    observation.set(field::voluntary_per_s, per_second(voluntary));
    observation.set(field::involuntary_per_s, per_second(involuntary));
    observation.set(field::fp_samples, std::int64_t{fp.samples});
    observation.set(field::fp_nondefault, std::int64_t{fp.nondefault});
    observation.set(field::fp_modes, std::int64_t{fp.other_modes()});
    observation.set(field::fp_flushed, std::int64_t{fp.flushed});
    observation.set(field::rounding_nearest, std::int64_t{fp.by_mode[0]});
    observation.set(field::rounding_down, std::int64_t{fp.by_mode[1]});
    observation.set(field::rounding_up, std::int64_t{fp.by_mode[2]});
    observation.set(field::rounding_to_zero, std::int64_t{fp.by_mode[3]});
    observation.set(field::allowed_cpus, std::int64_t{thread.allowed_cpus});
    observation.set(field::nice, std::int64_t{thread.nice});
    observation.set(field::policy, std::string(policy_name(thread.policy)));
    sums.threads.push_back(std::move(observation));
}

void WindowBuilder::finish_threads(Sums& sums, const Footprint& footprint,
                                   bool modes_changed) const {
    namespace field = rules::thread_window;
    const auto ranges = modes_changed ? largest_ranges_(sums.image) : std::nullopt;
    for (Observation& thread : sums.threads) {
        thread.set(field::private_mib, footprint.private_mib);
        thread.set(field::resident_mib, footprint.resident_mib);
        thread.set(field::device_written_kib_per_s, footprint.device_written_kib_per_s);
        if (!ranges || thread.integer(field::fp_modes) <= 0) continue;
        thread.set(field::largest_mapping_mib, to_mib(ranges->without_files));
        thread.set(field::largest_range_mib, to_mib(ranges->of_all));
    }
}

std::vector<ProcessObservation>
WindowBuilder::close_window(const TaskTable& table, const FpModeCounts& fp_modes, BootTime now) {
    namespace field = rules::process_window;
    ++pulls_;
    now_ = now;
    growth_.clear();
    host_cpu_ns_ = 0;
    busy_processes_ = 0;
    std::unordered_map<rules::ImageKey, FpModeCount, ImageHash> modes;
    for (const ThreadModes& thread : fp_modes.threads()) modes[thread.image] += thread.count;
    std::unordered_map<std::uint32_t, Sums> all;
    all.reserve(table.processes.size());
    for (const abi::process_record& record : table.processes) {
        Sums& sums = all[record.subject.pid];
        sums.image = to_image(record.subject);
        const auto before = processes_.find(record.subject.pid);
        const bool same = before != processes_.end() && before->second.image == sums.image;
        const bool began_in_window = record.subject.start_boottime_ns >= last_.ns;
        sums.baseline = pulls_ == 1 || (!same && !began_in_window);
    }
    for (const abi::thread_record& thread : table.threads) {
        const auto owner = all.find(thread.pid);
        if (owner == all.end() ||
            owner->second.image.start_boottime_ns != thread.process_start_boottime_ns)
            continue; // it began while the table was being read
        add_thread(thread, fp_modes, owner->second);
    }

    std::vector<ProcessObservation> observations;
    for (const abi::process_record& record : table.processes) {
        Sums& sums = all[record.subject.pid];
        ProcessTotals& before = processes_[record.subject.pid];
        if (before.image != sums.image) before = {};
        const std::uint64_t runtime = record.exited_runtime_ns + sums.live_runtime_ns;
        MovedBytes moved = sums.moved;
        moved.read += record.exited_read_bytes;
        moved.written += record.exited_written_bytes;
        moved.device_read += record.exited_device_read_bytes;
        moved.device_written += record.exited_device_written_bytes;
        const std::uint64_t cpu_ns = growth(runtime, before.runtime_ns);
        const std::int64_t cpu = permille(cpu_ns);
        const MovedBytes moved_before = before.moved;
        const Footprint footprint =
            footprint_of(record, sums.baseline ? 0 : device_written_kib(moved_before, moved));
        before = {sums.image, runtime, moved, pulls_, sums.baseline ? 0 : cpu, footprint};
        if (sums.baseline) continue;
        host_cpu_ns_ += cpu_ns;
        if (cpu >= static_cast<std::int64_t>(hot_permille)) ++busy_processes_;
        if (cpu < report_permille) continue;

        Observation observation(ObservationType::process_window);
        observation.time = now_;
        observation.set(field::cpu_permille, cpu);
        observation.set(field::threads, std::int64_t{record.threads});
        observation.set(field::hot_threads, sums.hot_threads);
        if (sums.hottest > 0)
            observation.set(field::even_permille, sums.least_hot * 1000 / sums.hottest);
        observation.set(field::voluntary_per_s, per_second(sums.voluntary));
        set_moved(observation, moved_before, moved);
        observation.set(field::private_mib, footprint.private_mib);
        observation.set(field::resident_mib, footprint.resident_mib);
        observation.set(field::anonymous_mib, to_mib(record.anonymous_bytes));
        observation.set(field::shared_mib, to_mib(record.shared_bytes));
        observation.set(field::file_mib, to_mib(record.file_bytes));
        observation.set(field::huge_mib, to_mib(record.huge_bytes));
        observation.set(field::age_s,
                        to_integer((now.ns - record.subject.start_boottime_ns) / ns_per_second));
        const FpModeCount fp = modes[sums.image]; // with threads that have ended
        observation.set(field::fp_samples, std::int64_t{fp.samples});
        observation.set(field::fp_nondefault, std::int64_t{fp.nondefault});
        observations.push_back({sums.image, std::move(observation)});
        finish_threads(sums, footprint, fp.nondefault > 0);
        for (Observation& thread : sums.threads)
            observations.push_back({sums.image, std::move(thread)});
    }
    std::erase_if(processes_, [this](const auto& item) { return item.second.pull != pulls_; });
    // A thread that is gone is kept for one more pull: the event of its end can still arrive.
    std::erase_if(threads_, [this](const auto& item) { return item.second.pull + 1 < pulls_; });
    closed_span_ns_ = now.ns - last_.ns;
    last_ = now;
    return observations;
}

Observation WindowBuilder::host_window(std::int64_t cpus) const {
    namespace field = rules::host_window;
    Observation observation(ObservationType::host_window);
    observation.time = last_;
    observation.set(field::cpu_permille,
                    closed_span_ns_ == 0 ? 0 : to_integer(host_cpu_ns_ * 1000 / closed_span_ns_));
    observation.set(field::cpus, cpus);
    observation.set(field::processes, to_integer(processes_.size()));
    observation.set(field::busy_processes, busy_processes_);
    return observation;
}

std::int64_t WindowBuilder::cpu_permille(const rules::ImageKey& image) const {
    const auto found = processes_.find(image.pid);
    return found != processes_.end() && found->second.image == image ? found->second.cpu_permille
                                                                     : 0;
}

std::optional<Footprint> WindowBuilder::footprint(const rules::ImageKey& image) const {
    const auto found = processes_.find(image.pid);
    if (found == processes_.end() || found->second.image != image) return std::nullopt;
    return found->second.footprint;
}

std::uint64_t WindowBuilder::counted_ns(std::uint32_t thread_id,
                                        std::uint64_t start_boottime_ns) const {
    const auto found = threads_.find(thread_id);
    const bool same =
        found != threads_.end() && found->second.start_boottime_ns == start_boottime_ns;
    return same ? found->second.runtime_ns : 0;
}

std::vector<ProcessObservation> WindowBuilder::on_exec(const rules::ImageKey& old,
                                                       const abi::process_exec_event& event) {
    namespace field = rules::process_window;
    // Every shell command comes through here. One that used next to nothing is not worth memory.
    constexpr std::uint64_t least_ns = 10'000'000;
    const rules::ImageKey image = to_image(event.subject);
    const auto found = processes_.find(image.pid);
    const bool known = found != processes_.end() &&
                       found->second.image.start_boottime_ns == image.start_boottime_ns;
    if (pulls_ == 0 || event.runtime_ns < least_ns || (known && found->second.image == image))
        return {}; // in the last case the pull came before the event
    const bool began_in_window = image.start_boottime_ns >= last_.ns;
    const ProcessTotals before = known ? found->second : ProcessTotals{};
    const bool comparable = known ? before.image == old : began_in_window;

    const MovedBytes moved{event.read_bytes, event.written_bytes, event.device_read_bytes,
                           event.device_written_bytes};
    processes_[image.pid] = {image, event.runtime_ns, moved, pulls_, 0, {}};
    threads_[image.pid] = {image.start_boottime_ns,
                           event.thread_runtime_ns,
                           event.thread_user_ns,
                           event.thread_system_ns,
                           event.thread_voluntary_switches,
                           event.thread_involuntary_switches,
                           pulls_};

    now_ = {event.header.boottime_ns};
    if (!comparable || now_.ns < last_.ns + shortest_part_ns) return {};
    const std::int64_t cpu = permille(growth(event.runtime_ns, before.runtime_ns));
    if (cpu < report_permille) return {};
    Observation observation(ObservationType::process_window);
    observation.time = now_;
    observation.set(field::cpu_permille, cpu);
    set_moved(observation, before.moved, moved);
    observation.set(field::age_s, to_integer((now_.ns - image.start_boottime_ns) / ns_per_second));
    return {{old, std::move(observation)}};
}

} // namespace minewarden::agent
