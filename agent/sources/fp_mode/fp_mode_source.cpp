// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/fp_mode/fp_mode_source.h"

#include "agent/sources/bpf/iterator.h"
#include "agent/sources/fp_mode/cpu_visits.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fp_mode.skel.h>
#include <thread>
#include <unistd.h>

namespace minewarden::agent {
namespace {

constexpr std::string_view kernel_remedy = "use x86_64 with Linux 5.8 or later";
constexpr std::array<NeededProgram, 1> needed{
    {{"sample_fp_modes", "RandomX is not seen by what it computes"}}};

/// An iterator over the thread or process in `wanted`. Returns nullptr if that is gone (ESRCH) or
/// the kernel has no such iterators. Kernels before 6.1 ignore `wanted` and iterate over all
/// threads, so the link is read back.
BpfLink attach_to(const bpf_program* program, bpf_iter_link_info wanted) {
    LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &wanted,
                .link_info_len = sizeof(wanted));
    BpfLink link(bpf_program__attach_iter(program, &options));
    if (!link) return nullptr;
    bpf_link_info made{};
    __u32 length = sizeof(made);
    if (bpf_obj_get_info_by_fd(bpf_link__fd(link.get()), &made, &length) != 0) return nullptr;
    if (made.iter.task.tid == wanted.task.tid && made.iter.task.pid == wanted.task.pid) return link;
    link.reset();
    errno = EOPNOTSUPP;
    return nullptr;
}

BpfLink attach_to_thread(const bpf_program* program, std::uint32_t thread_id) {
    bpf_iter_link_info info{};
    info.task.tid = thread_id;
    return attach_to(program, info);
}

/// All threads of one process.
BpfLink attach_to_process(const bpf_program* program, std::uint32_t pid) {
    bpf_iter_link_info info{};
    info.task.pid = pid;
    return attach_to(program, info);
}

} // namespace

FpModeSource::FpModeSource()
    : modes_{.name = "fp-mode", .purpose = "RandomX (rounding modes of busy threads)"},
      prompt_{.name = "prompt-sampling",
              .purpose = "RandomX in threads that also sleep (monerod)"} {
}
FpModeSource::~FpModeSource() = default;

void FpModeSource::attach(SourceContext& context) {
    // In a thread of its own, because the scheduling of this one must not change.
    std::thread([this] { is_prompt_ = run_on_arrival(); }).join();
    auto object = BpfObject<fp_mode_bpf>::load(context.bpf);
    if (!object) return rule_out(modes_, object.error(), kernel_remedy);
    object_.emplace(std::move(*object));
    all_tasks_ = object_->attach((*object_)->progs.sample_fp_modes, [](const bpf_program* loaded) {
        return bpf_program__attach_iter(loaded, nullptr);
    });
    assess(modes_, needed, object_->missing(), kernel_remedy);
    if (!all_tasks_ || context.own_start_boottime_ns == 0) return;
    if (auto read = read_own_mode(context.own_start_boottime_ns); !read)
        rule_out(modes_, read.error(), kernel_remedy);
}

/// Finds out where this kernel keeps the saved registers.
Result<void> FpModeSource::read_own_mode(std::uint64_t own_start_boottime_ns) {
    constexpr std::array<std::string_view, 4> layouts{"unknown", "thread.fpu.state (up to 5.15)",
                                                      "thread.fpu.fpstate (5.16 to 6.15)",
                                                      "behind task_struct (from 6.16)"};
    const ThreadKey own{static_cast<std::uint32_t>(::getpid()), own_start_boottime_ns};
    TRY(watch({&own, 1}));
    const auto samples = read_all();
    const auto unwatched = watch({});
    if (!samples) return fail(samples.error());
    if (!unwatched) return unwatched;
    if (samples->empty())
        return fail(ErrorKind::unavailable, "the iterator wrote nothing about this process");
    const abi::fp_mode_record& sample = samples->front();
    if (sample.layout == abi::FP_LAYOUT_UNKNOWN || sample.layout >= layouts.size())
        return fail(ErrorKind::unavailable,
                    "this kernel keeps the saved registers in an unknown place");
    modes_.source = layouts[sample.layout];
    modes_.detail = fmt::format("control word {:#06x}", sample.control_word);
    return {};
}

std::vector<Capability> FpModeSource::capabilities() const {
    Capability prompt = prompt_;
    if (is_prompt_) {
        prompt.detail = "scheduler slice or real-time priority";
    } else {
        prompt.coverage = Coverage::partial;
        prompt.problem = "threads that also sleep are rarely seen computing: the kernel granted "
                         "neither a scheduler slice (Linux 6.12) nor real-time priority 1";
        prompt.remedy = "use Linux 6.12 or later, or allow RLIMIT_RTPRIO 1 (LimitRTPRIO=1 in the "
                        "unit)";
    }
    return {modes_, std::move(prompt)};
}

void FpModeSource::stop() {
    whole_processes_.clear();
    single_tasks_.clear();
    all_tasks_.reset();
    object_.reset();
}

Result<void> FpModeSource::watch(std::span<const ThreadKey> threads) {
    const int map = bpf_map__fd((*object_)->maps.watched_threads);
    threads = threads.first(std::min<std::size_t>(threads.size(), FP_WATCHED_THREADS));
    for (const ThreadKey& old : watched_) {
        if (std::ranges::find(threads, old) == threads.end())
            bpf_map_delete_elem(map, &old.thread_id);
    }
    for (const ThreadKey& thread : threads) {
        if (bpf_map_update_elem(map, &thread.thread_id, &thread.start_boottime_ns, BPF_ANY) != 0)
            return fail(bpf_error("cannot watch a thread", errno));
    }
    watched_.assign(threads.begin(), threads.end());

    std::erase_if(single_tasks_, [this](const auto& item) {
        return std::ranges::find(watched_, item.first) == watched_.end();
    });
    for (const ThreadKey& thread : watched_) {
        if (!single_possible_ || single_tasks_.contains(thread)) continue;
        BpfLink link = attach_to_thread((*object_)->progs.sample_fp_modes, thread.thread_id);
        if (link)
            single_tasks_.emplace(thread, std::move(link));
        else if (errno != ESRCH)
            single_possible_ = false;
    }
    return {};
}

Result<void> FpModeSource::watch_processes(std::span<const ThreadKey> processes) {
    const int map = bpf_map__fd((*object_)->maps.watched_processes);
    processes = processes.first(std::min<std::size_t>(processes.size(), FP_WATCHED_PROCESSES));
    for (const ThreadKey& old : watched_processes_) {
        if (std::ranges::find(processes, old) == processes.end())
            bpf_map_delete_elem(map, &old.thread_id);
    }
    for (const ThreadKey& process : processes) {
        if (bpf_map_update_elem(map, &process.thread_id, &process.start_boottime_ns, BPF_ANY) != 0)
            return fail(bpf_error("cannot watch a process", errno));
    }
    watched_processes_.assign(processes.begin(), processes.end());
    std::erase_if(whole_processes_, [this](const auto& item) {
        return std::ranges::find(watched_processes_, item.first) == watched_processes_.end();
    });
    for (const ThreadKey& process : watched_processes_) {
        if (!single_possible_ || whole_processes_.contains(process)) continue;
        BpfLink link = attach_to_process((*object_)->progs.sample_fp_modes, process.thread_id);
        if (link)
            whole_processes_.emplace(process, std::move(link));
        else if (errno != ESRCH)
            single_possible_ = false;
    }
    return {};
}

std::span<const abi::fp_mode_record> FpModeSource::read_process(const ThreadKey& process) {
    const auto link = whole_processes_.find(process);
    // A process that is gone cannot be read. The next watch_processes() drops it.
    if (link == whole_processes_.end() ||
        !read_iterator(link->second.get(), "one process", buffer_))
        return {};
    copy_records();
    return records_;
}

void FpModeSource::copy_records() {
    records_.clear();
    for (std::size_t at = 0; at + sizeof(abi::fp_mode_record) <= buffer_.size();
         at += sizeof(abi::fp_mode_record))
        std::memcpy(&records_.emplace_back(), buffer_.data() + at, sizeof(abi::fp_mode_record));
}

std::optional<abi::fp_mode_record> FpModeSource::read_one(const ThreadKey& thread) {
    const auto link = single_tasks_.find(thread);
    abi::fp_mode_record record{};
    // The iterator of a thread that has ended cannot start. The next watch() drops it.
    if (link == single_tasks_.end() || !read_iterator(link->second.get(), "one thread", buffer_) ||
        buffer_.size() < sizeof(record))
        return std::nullopt;
    std::memcpy(&record, buffer_.data(), sizeof(record));
    return record;
}

Result<std::span<const abi::fp_mode_record>> FpModeSource::read_all() {
    TRY(read_iterator(all_tasks_.get(), "sample_fp_modes", buffer_));
    copy_records();
    return std::span<const abi::fp_mode_record>(records_);
}

} // namespace minewarden::agent
