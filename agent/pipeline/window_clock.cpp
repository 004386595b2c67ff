// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/window_clock.h"

namespace minewarden::agent {

bool WindowClock::may_end_early(BootTime now) const {
    if (ended_ == 0 || full_since_early_ < windows_between_early_ends) return false;
    const std::uint64_t elapsed = now.ns - (end_.ns - length_ns_);
    return elapsed >= length_ns_ / 10 * 3;
}

WindowClock::Ending WindowClock::end(BootTime now) {
    Ending ending = Ending::early;
    if (is_over(now)) ending = now.ns - end_.ns < length_ns_ ? Ending::on_time : Ending::late;
    full_since_early_ = ending == Ending::early ? 0 : full_since_early_ + 1;
    end_ = {(ending == Ending::on_time ? end_.ns : now.ns) + length_ns_};
    ++ended_;
    return ending;
}

} // namespace minewarden::agent
