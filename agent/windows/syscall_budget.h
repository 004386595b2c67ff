// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "rules/observation/observation.h"

#include <chrono>
#include <map>
#include <optional>

namespace minewarden::agent {

/// Decides whose syscalls are counted, and when: only those of programs against which other
/// evidence speaks, one at a time, `windows_per_image` times for a second each, and then not for an
/// hour. This bounds the cost, because counting slows every syscall of the host.
class SyscallBudget {
  public:
    /// Evidence asks for this image from now on, until withdraw().
    void ask(const rules::ImageKey& image);
    /// The evidence has ended. What was spent stays spent.
    void withdraw(const rules::ImageKey& image);
    /// The image is gone.
    void forget(const rules::ImageKey& image) { images_.erase(image); }

    /// The image to count for a second from now on, if any; the second is spent. `pause`: the least
    /// time between two seconds of one image, so that each lies in a window of its own.
    std::optional<rules::ImageKey> begin(BootTime now, std::chrono::nanoseconds pause);

    static constexpr int windows_per_image = 3;
    static constexpr std::chrono::seconds window_span{1};
    static constexpr std::chrono::hours rest{1};
    /// For the host as a whole, however many images are asked for: the least time between two
    /// seconds of counting, and their number in an hour.
    static constexpr std::chrono::nanoseconds host_pause = std::chrono::seconds(10);
    static constexpr int windows_per_host = 30;

  private:
    struct Spent {
        bool asked = false;
        int windows = 0;
        BootTime last;
    };
    [[nodiscard]] bool is_host_spent(BootTime now);

    std::map<rules::ImageKey, Spent> images_;
    std::optional<BootTime> last_begun_;
    BootTime hour_begun_;
    int windows_this_hour_ = 0;
};

} // namespace minewarden::agent
