// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/hot_threads.h"

#include "kernel/fp_mode_abi.h"

#include <algorithm>

namespace minewarden::agent {

std::vector<ThreadKey> HotThreads::update(std::span<const abi::thread_runtime_record> runtimes,
                                          BootTime now) {
    ++scans_;
    const std::uint64_t elapsed = now.ns - last_scan_.ns;
    std::vector<std::pair<std::uint64_t, ThreadKey>> hot;
    for (const abi::thread_runtime_record& record : runtimes) {
        Known& known = threads_[record.thread_id];
        if (known.start_boottime_ns != record.start_boottime_ns) {
            // It was not in the last scan, so it had run for less than 100 ms: 0 is close enough.
            known = {};
            known.start_boottime_ns = record.start_boottime_ns;
            known.runtime_ns = scans_ == 1 ? record.runtime_ns : 0;
        }
        known.seen = scans_;
        known.rate_permille =
            elapsed == 0 ? 0 : (record.runtime_ns - known.runtime_ns) * 1000 / elapsed;
        known.runtime_ns = record.runtime_ns;
        if (known.rate_permille >= hot_permille) {
            known.was_hot = true;
            known.cool_scans = 0;
        } else if (known.was_hot && ++known.cool_scans > keep_scans) {
            known.was_hot = false;
        }
        if (known.was_hot)
            hot.push_back({known.rate_permille, {record.thread_id, record.start_boottime_ns}});
    }
    std::erase_if(threads_, [this](const auto& item) { return item.second.seen != scans_; });
    last_scan_ = now;

    std::ranges::sort(hot, std::ranges::greater{}, [](const auto& item) { return item.first; });
    if (hot.size() > FP_WATCHED_THREADS) hot.resize(FP_WATCHED_THREADS);
    std::vector<ThreadKey> result;
    result.reserve(hot.size());
    for (const auto& [rate, key] : hot) result.push_back(key);
    return result;
}

} // namespace minewarden::agent
