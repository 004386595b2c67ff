// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/host_load.h"

#include "agent/windows/hot_threads.h"

#include <utility>

namespace minewarden::agent {

bool HostLoad::was_idle(BootTime now, std::optional<std::chrono::nanoseconds> idle,
                        std::uint64_t cpus) {
    const auto elapsed = static_cast<std::int64_t>(now.ns - std::exchange(last_, now).ns);
    const auto before = std::exchange(last_idle_, idle);
    const bool known = before && idle && elapsed > 0;
    const std::int64_t used =
        known ? elapsed * static_cast<std::int64_t>(cpus) - (*idle - *before).count() : 0;
    const bool is_idle = known && used * 1000 < elapsed * static_cast<std::int64_t>(hot_permille);
    in_a_row_ = is_idle && in_a_row_ < maximum_in_a_row ? in_a_row_ + 1 : 0;
    return in_a_row_ > 0;
}

} // namespace minewarden::agent
