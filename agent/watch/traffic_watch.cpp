// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/traffic_watch.h"

#include "common/log.h"

namespace minewarden::agent {

Connections::Observations TrafficWatch::end_window(BootTime now, bool is_wanted) {
    if (!pull_ || !share_.is_due(now)) return {};
    // Without traffic rules it is only about ends that were missed: a session whose end event was
    // lost would never end.
    if (!is_wanted && !connections_.has_any_that_matters()) return {};
    const std::uint64_t cpu_before = cpu_time_();
    connections_.begin_look();
    const auto complete = pull_(
        [this](std::span<const abi::flow_counts_record> counts) { connections_.on_counts(counts); },
        most_cpu_ns);
    share_.spend(now, cpu_time_() - cpu_before);
    if (!complete) {
        log::warn("traffic of connections is not known: {}", complete.error().message);
        return {};
    }
    auto observations = is_wanted ? connections_.traffic(now) : Connections::Observations{};
    if (*complete)
        connections_.forget_ended(sight_, now);
    else
        ++unfinished_;
    return observations;
}

} // namespace minewarden::agent
