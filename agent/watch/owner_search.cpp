// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/owner_search.h"

#include "common/log.h"

namespace minewarden::agent {

Connections::Observations OwnerSearch::search(BootTime now) {
    if (!pull_ || !share_.is_due(now)) return {};
    const std::uint64_t cpu_before = cpu_time_();
    const auto complete = pull_(
        [this](std::span<const abi::flow_holder_record> holders) {
            connections_.on_holders(holders);
        },
        most_cpu_ns);
    auto observations = connections_.settle_holders(complete && *complete, now);
    if (!complete) {
        log::warn("owners of accepted connections are not known: {}", complete.error().message);
        share_.rest_until({now.ns + rest_ns_});
        return observations;
    }
    if (!*complete) ++unfinished_;
    share_.spend(now, cpu_time_() - cpu_before);
    return observations;
}

Connections::Observations OwnerSearch::search_if_awaited(BootTime now) {
    return connections_.awaits_owner() ? search(now) : Connections::Observations{};
}

Connections::Observations OwnerSearch::end_window(BootTime now, bool for_all) {
    connections_.disown_ended();
    if (for_all && connections_.has_unowned()) return search(now);
    return search_if_awaited(now);
}

} // namespace minewarden::agent
