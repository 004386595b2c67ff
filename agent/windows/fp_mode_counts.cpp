// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/fp_mode_counts.h"

#include <bit>

namespace minewarden::agent {
namespace {

// Intel SDM volume 1, 10.2.3: MXCSR.RC; 0 is to nearest.
constexpr std::uint32_t rounding_shift = 13;
constexpr std::uint32_t rounding_mask = 3;

} // namespace

int FpModeCount::other_modes() const {
    return std::popcount(static_cast<unsigned>(modes >> 1));
}

void FpModeCounts::add(const abi::fp_mode_record& sample) {
    if ((sample.flags & abi::FP_GUEST_STATE) != 0) return;
    Entry& entry = threads_[sample.thread_id];
    const bool moved = entry.known && entry.switches != sample.switches;
    entry.used = true;
    entry.known = true;
    entry.switches = sample.switches;
    const bool interrupted =
        (sample.flags & (abi::FP_RUNNABLE | abi::FP_ON_CPU)) == abi::FP_RUNNABLE;
    if (!moved || !interrupted) return;
    const bool initial = (sample.flags & abi::FP_INITIAL_STATE) != 0;
    const std::uint32_t mode = initial ? 0 : sample.control_word >> rounding_shift & rounding_mask;
    ++entry.count.samples;
    if (mode != 0) ++entry.count.nondefault;
    entry.count.modes |= static_cast<std::uint8_t>(1u << mode);
}

FpModeCount FpModeCounts::of(std::uint32_t thread_id) const {
    const auto found = threads_.find(thread_id);
    return found == threads_.end() ? FpModeCount{} : found->second.count;
}

std::vector<std::uint32_t> FpModeCounts::take_striking() {
    constexpr std::uint32_t enough_samples = 6;
    std::vector<std::uint32_t> striking;
    for (auto& [thread, entry] : threads_) {
        if (entry.named || entry.count.samples < enough_samples || entry.count.other_modes() < 3)
            continue;
        entry.named = true;
        striking.push_back(thread);
    }
    return striking;
}

void FpModeCounts::next_window() {
    std::erase_if(threads_, [](const auto& item) { return !item.second.used; });
    for (auto& [thread, entry] : threads_) {
        entry.count = {};
        entry.used = false;
    }
}

} // namespace minewarden::agent
