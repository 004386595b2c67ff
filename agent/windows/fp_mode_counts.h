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

/// Samples of rounding modes, counted.
struct FpModeCount {
    std::uint32_t samples = 0;              ///< all samples that count
    std::uint32_t nondefault = 0;           ///< in another mode than to nearest
    std::uint32_t flushed = 0;              ///< of these, denormals flushed to zero (FTZ, DAZ)
    std::array<std::uint32_t, 4> by_mode{}; ///< by MXCSR bits 13-14: nearest, down, up, to zero

    /// Counts one sample of this control word (kernel/fp_mode_abi.h).
    void count(std::uint32_t control_word, bool initial_state);
    FpModeCount& operator+=(const FpModeCount& other);

    /// How many different modes other than to nearest were seen.
    [[nodiscard]] int other_modes() const;
};

/// The samples of one thread in one window.
struct ThreadModes {
    rules::ImageKey image;
    std::uint32_t thread_id = 0;
    std::uint64_t start_boottime_ns = 0; ///< of the thread
    FpModeCount count;
};

/// Collects samples over a window. A sample counts if the thread was interrupted while it computed:
/// it is runnable, on no CPU, and has been switched out since the last look at it. The control word
/// of a waiting thread is that of the code that began to wait, which need not be the code that
/// computes. Control words of virtual CPUs belong to their guests and are left out.
class FpModeCounts {
  public:
    void add(const abi::fp_mode_record& sample);
    [[nodiscard]] FpModeCount of(const rules::ImageKey& image, std::uint32_t thread_id) const;
    /// All threads with a sample, in no particular order.
    [[nodiscard]] std::vector<ThreadModes> threads() const;
    /// Begins the next window.
    void next_window();

    /// Images with a thread that was seen in all three other modes often enough to be judged now:
    /// they are worth an early end of the window. Returns each image once in its life.
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
        bool known = false; // `switches` is from an earlier look
        bool used = false;  // looked at in this window
    };
    std::unordered_map<Key, Entry, KeyHash> threads_;
    std::unordered_map<std::uint32_t, rules::ImageKey> named_; // by pid; see take_striking()
};

} // namespace minewarden::agent
