// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/fp_mode_counts.h"

#include "agent/processes/process_table.h"

#include <algorithm>

namespace minewarden::agent {
namespace {

// Intel SDM volume 1, 10.2.3: MXCSR.RC; 0 is to nearest.
constexpr std::uint32_t rounding_shift = 13;
constexpr std::uint32_t rounding_mask = 3;
// Also there: bit 15 flushes denormal results to zero (FTZ), bit 6 treats denormal operands as
// zero.
constexpr std::uint32_t flush_bits = 0x8040;

} // namespace

void FpModeCount::count(std::uint32_t control_word, bool initial_state) {
    const std::uint32_t mode = initial_state ? 0 : control_word >> rounding_shift & rounding_mask;
    ++samples;
    if (mode != 0) {
        ++nondefault;
        if ((control_word & flush_bits) == flush_bits) ++flushed;
    }
    ++by_mode[mode];
}

FpModeCount& FpModeCount::operator+=(const FpModeCount& other) {
    samples += other.samples;
    nondefault += other.nondefault;
    flushed += other.flushed;
    for (std::size_t mode = 0; mode < by_mode.size(); ++mode) by_mode[mode] += other.by_mode[mode];
    return *this;
}

int FpModeCount::other_modes() const {
    return static_cast<int>(std::ranges::count_if(std::span(by_mode).subspan(1),
                                                  [](std::uint32_t seen) { return seen > 0; }));
}

void FpModeCounts::add(const abi::fp_mode_record& sample) {
    if ((sample.flags & abi::FP_GUEST_STATE) != 0) return;
    Entry& entry = threads_[{to_image(sample.subject), sample.thread_id}];
    if (entry.start_boottime_ns != sample.start_boottime_ns) entry = {};
    const bool moved = entry.known && entry.switches != sample.switches;
    entry.start_boottime_ns = sample.start_boottime_ns;
    entry.used = true;
    entry.known = true;
    entry.switches = sample.switches;
    const bool interrupted =
        (sample.flags & (abi::FP_RUNNABLE | abi::FP_ON_CPU)) == abi::FP_RUNNABLE;
    if (!moved || !interrupted) return;
    entry.count.count(sample.control_word, (sample.flags & abi::FP_INITIAL_STATE) != 0);
}

FpModeCount FpModeCounts::of(const rules::ImageKey& image, std::uint32_t thread_id) const {
    const auto found = threads_.find({image, thread_id});
    return found == threads_.end() ? FpModeCount{} : found->second.count;
}

std::vector<ThreadModes> FpModeCounts::threads() const {
    std::vector<ThreadModes> result;
    for (const auto& [key, entry] : threads_) {
        if (entry.count.samples > 0)
            result.push_back({key.image, key.thread_id, entry.start_boottime_ns, entry.count});
    }
    return result;
}

std::vector<rules::ImageKey> FpModeCounts::take_striking() {
    constexpr std::uint32_t enough_samples = 6;
    std::vector<rules::ImageKey> striking;
    for (const auto& [key, entry] : threads_) {
        if (entry.count.samples < enough_samples || entry.count.other_modes() < 3) continue;
        rules::ImageKey& named = named_[key.image.pid];
        if (named == key.image) continue;
        named = key.image;
        striking.push_back(key.image);
    }
    return striking;
}

void FpModeCounts::next_window() {
    std::erase_if(threads_, [](const auto& item) { return !item.second.used; });
    std::erase_if(named_, [this](const auto& item) {
        return std::ranges::none_of(
            threads_, [&](const auto& thread) { return thread.first.image == item.second; });
    });
    for (auto& [thread, entry] : threads_) {
        entry.count = {};
        entry.used = false;
    }
}

} // namespace minewarden::agent
