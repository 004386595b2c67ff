// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/fp_mode_abi.h"
#include "rules/observation/observation.h"

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace minewarden::agent {

/// What samples said about a rounding mode.
struct FpModeCount {
    std::uint32_t samples = 0;              ///< that count
    std::uint32_t nondefault = 0;           ///< in another mode than to nearest
    std::uint32_t flushed = 0;              ///< of these, denormals flushed to zero (FTZ, DAZ)
    std::array<std::uint32_t, 4> by_mode{}; ///< by MXCSR bits 13-14: nearest, down, up, to zero

    /// Counts one sample of this control word (kernel/fp_mode_abi.h).
    void count(std::uint32_t control_word, bool initial_state);
    FpModeCount& operator+=(const FpModeCount& other);

    /// Distinct modes other than to nearest.
    [[nodiscard]] int other_modes() const;
};

/// The samples of one thread in one window.
struct ThreadModes {
    rules::ImageKey image;
    std::uint32_t thread_id = 0;
    std::uint64_t start_boottime_ns = 0; ///< of the thread
    FpModeCount count;
};

/// Gathers samples over a window. A sample counts if the thread was interrupted in its work and not
/// waiting: it is runnable, on no CPU, and has been switched out since it was last looked at. A
/// thread that waits has a word of the code that went to wait, which need not be the code that
/// computes. Words of virtual CPUs belong to their guests and are left out.
class FpModeCounts {
  public:
    void add(const abi::fp_mode_record& sample);
    [[nodiscard]] FpModeCount of(const rules::ImageKey& image, std::uint32_t thread_id) const;
    /// Threads with a sample, in no order.
    [[nodiscard]] std::vector<ThreadModes> threads() const;
    /// Begins the next window.
    void next_window();

    /// Images one of whose threads was seen in all three other modes often enough to be judged now,
    /// each named once in its life: it is worth ending the window early for.
    [[nodiscard]] std::vector<rules::ImageKey> take_striking();

  private:
    struct Key {
        rules::ImageKey image;
        std::uint32_t thread_id = 0;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const {
            return std::hash<std::uint64_t>{}(key.image.start_boottime_ns ^ key.image.image ^
                                              (std::uint64_t{key.thread_id} << 32));
        }
    };
    struct Entry {
        FpModeCount count;
        std::uint64_t start_boottime_ns = 0;
        std::uint64_t switches = 0;
        bool known = false; // switches is from an earlier look
        bool used = false;  // looked at in this window
    };
    std::unordered_map<Key, Entry, KeyHash> threads_;
    std::unordered_map<std::uint32_t, rules::ImageKey> named_; // by pid, by take_striking()
};

} // namespace minewarden::agent
