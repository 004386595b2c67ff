// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/holder_search.h"

#include <algorithm>

namespace minewarden::agent {

bool is_likelier(const abi::subject_id& holder, const abi::subject_id& other) {
    if ((holder.pid == 1) != (other.pid == 1)) return other.pid == 1;
    return holder.start_boottime_ns < other.start_boottime_ns;
}

void HolderSearch::add(std::uint64_t flow_id, const abi::subject_id& holder) {
    std::vector<abi::subject_id>& holders = found_[flow_id];
    const bool known = std::ranges::any_of(holders, [&](const abi::subject_id& other) {
        return other.pid == holder.pid && other.start_boottime_ns == holder.start_boottime_ns;
    });
    if (known) return;
    holders.insert(std::ranges::upper_bound(holders, holder, is_likelier), holder);
    if (holders.size() > maximum_holders) holders.pop_back();
}

std::optional<OwnerChoice> choose_owner(std::span<const abi::subject_id> holders,
                                        const std::optional<abi::subject_id>& previous,
                                        const DescendsFrom& descends_from) {
    if (previous) {
        const auto heir = std::ranges::find_if(holders, [&](const abi::subject_id& holder) {
            return descends_from(holder, *previous);
        });
        if (heir != holders.end()) return OwnerChoice{*heir, false};
    }
    const abi::subject_id& first = holders.front();
    const bool one_family = std::ranges::all_of(holders.subspan(1), [&](const auto& holder) {
        return holder.pid == 1 || descends_from(holder, first);
    });
    if (!one_family) return std::nullopt;
    return OwnerChoice{first, previous.has_value()};
}

} // namespace minewarden::agent
