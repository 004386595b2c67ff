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

/// An iterator over one thread; nullptr if the kernel does not know that (before 6.1) or the thread
/// is gone.
BpfLink attach_to_thread(const bpf_program* program, std::uint32_t thread_id) {
    bpf_iter_link_info info{};
    info.task.tid = thread_id;
    LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &info, .link_info_len = sizeof(info));
    return BpfLink(bpf_program__attach_iter(program, &options));
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
    records_.clear();
    for (std::size_t at = 0; at + sizeof(abi::fp_mode_record) <= buffer_.size();
         at += sizeof(abi::fp_mode_record))
        std::memcpy(&records_.emplace_back(), buffer_.data() + at, sizeof(abi::fp_mode_record));
    return std::span<const abi::fp_mode_record>(records_);
}

} // namespace minewarden::agent
