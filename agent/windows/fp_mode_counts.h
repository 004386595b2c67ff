// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/fp_mode_abi.h"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace minewarden::agent {

/// What the samples of one thread in one window said about its rounding mode.
struct FpModeCount {
    std::uint32_t samples = 0;    ///< that count
    std::uint32_t nondefault = 0; ///< in another mode than to nearest
    std::uint8_t modes = 0;       ///< bit m: mode m was seen, m = MXCSR bits 13-14

    /// Distinct modes other than to nearest.
    [[nodiscard]] int other_modes() const;
};

/// Gathers samples over a window. A sample counts if the thread was interrupted in its work and not
/// waiting: it is runnable, on no CPU, and has been switched out since it was last looked at. A
/// thread that waits has a word of the code that went to wait, which need not be the code that
/// computes. Words of virtual CPUs belong to their guests and are left out.
class FpModeCounts {
  public:
    void add(const abi::fp_mode_record& sample);
    [[nodiscard]] FpModeCount of(std::uint32_t thread_id) const;
    /// Begins the next window.
    void next_window();

    /// Threads seen in all three other modes often enough to be judged now, each named once in its
    /// life: it is worth ending the window early for.
    [[nodiscard]] std::vector<std::uint32_t> take_striking();

  private:
    struct Entry {
        FpModeCount count;
        std::uint64_t switches = 0;
        bool known = false; // switches is from an earlier look
        bool used = false;  // looked at in this window
        bool named = false; // by take_striking()
    };
    std::unordered_map<std::uint32_t, Entry> threads_;
};

} // namespace minewarden::agent
