// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/fp_mode_sensor.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fp_mode.skel.h>

namespace minewarden::agent {
namespace {

/// An iterator over what `wanted` names; nullptr if it is gone (ESRCH) or the kernel does not know
/// such iterators: kernels before 6.1 take the request for one over all threads, so the link is
/// asked back.
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

FpModeSensor::FpModeSensor(SkeletonOwner<fp_mode_bpf> skeleton) : skeleton_(std::move(skeleton)) {
}
FpModeSensor::FpModeSensor(FpModeSensor&&) noexcept = default;
FpModeSensor& FpModeSensor::operator=(FpModeSensor&&) noexcept = default;
FpModeSensor::~FpModeSensor() = default;

Result<FpModeSensor> FpModeSensor::attach(const SharedMaps& maps) {
    SkeletonOwner<fp_mode_bpf> skeleton(fp_mode_bpf::open());
    if (!skeleton) return fail(bpf_error("cannot open the rounding-mode sensor", errno));
    if (auto shared = maps.share_with(skeleton->obj); !shared) return fail(shared.error());
    if (const int error = fp_mode_bpf::load(skeleton.get()); error != 0)
        return fail(bpf_error("cannot load the rounding-mode sensor", -error));
    FpModeSensor sensor(std::move(skeleton));
    sensor.all_tasks_.reset(
        bpf_program__attach_iter(sensor.skeleton_->progs.sample_fp_modes, nullptr));
    if (!sensor.all_tasks_)
        return fail(bpf_error("cannot attach the rounding-mode iterator", errno));
    return sensor;
}

Result<void> FpModeSensor::watch(std::span<const ThreadKey> threads) {
    const int map = bpf_map__fd(skeleton_->maps.watched_threads);
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
        BpfLink link = attach_to_thread(skeleton_->progs.sample_fp_modes, thread.thread_id);
        if (link)
            single_tasks_.emplace(thread, std::move(link));
        else if (errno != ESRCH)
            single_possible_ = false;
    }
    return {};
}

Result<void> FpModeSensor::watch_processes(std::span<const ThreadKey> processes) {
    const int map = bpf_map__fd(skeleton_->maps.watched_processes);
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
        BpfLink link = attach_to_process(skeleton_->progs.sample_fp_modes, process.thread_id);
        if (link)
            whole_processes_.emplace(process, std::move(link));
        else if (errno != ESRCH)
            single_possible_ = false;
    }
    return {};
}

std::span<const abi::fp_mode_record> FpModeSensor::read_process(const ThreadKey& process) {
    const auto link = whole_processes_.find(process);
    // As with a thread: what is gone cannot be read, and is dropped with the next watch.
    if (link == whole_processes_.end() ||
        !read_iterator(link->second.get(), "one process", buffer_))
        return {};
    copy_records();
    return records_;
}

void FpModeSensor::copy_records() {
    records_.clear();
    for (std::size_t at = 0; at + sizeof(abi::fp_mode_record) <= buffer_.size();
         at += sizeof(abi::fp_mode_record))
        std::memcpy(&records_.emplace_back(), buffer_.data() + at, sizeof(abi::fp_mode_record));
}

std::optional<abi::fp_mode_record> FpModeSensor::read_one(const ThreadKey& thread) {
    const auto link = single_tasks_.find(thread);
    abi::fp_mode_record record{};
    // A thread that ended leaves an iterator that cannot start; the next watch() drops it.
    if (link == single_tasks_.end() || !read_iterator(link->second.get(), "one thread", buffer_) ||
        buffer_.size() < sizeof(record))
        return std::nullopt;
    std::memcpy(&record, buffer_.data(), sizeof(record));
    return record;
}

Result<std::span<const abi::fp_mode_record>> FpModeSensor::read_all() {
    if (auto read = read_iterator(all_tasks_.get(), "sample_fp_modes", buffer_); !read)
        return fail(read.error());
    copy_records();
    return std::span<const abi::fp_mode_record>(records_);
}

} // namespace minewarden::agent
