// SPDX-License-Identifier: Apache-2.0
#include "agent/processes/fork_lineage.h"

namespace minewarden::agent {

void ForkLineage::on_fork(const rules::ImageKey& parent, const rules::ImageKey& child) {
    // A fork has the image number of its parent. Otherwise it runs another program.
    if (parent.image != child.image || parent == child || members_.size() >= maximum_members)
        return;
    Member& member = members_[child];
    if (member.owner) return;
    member.owner = parent;
    members_[parent].forks.insert(child);
}

std::optional<rules::ImageKey> ForkLineage::leave(const rules::ImageKey& image,
                                                  const Member& member) {
    if (!member.owner) return std::nullopt;
    const auto owner = members_.find(*member.owner);
    if (owner == members_.end()) return std::nullopt;
    owner->second.forks.erase(image);
    if (!owner->second.forks.empty()) return std::nullopt;
    const rules::ImageKey key = owner->first;
    const bool ended = owner->second.ended;
    if (ended || !owner->second.owner) members_.erase(owner);
    return ended ? std::optional(key) : std::nullopt;
}

std::vector<rules::ImageKey> ForkLineage::on_departure(const rules::ImageKey& image) {
    const auto found = members_.find(image);
    if (found == members_.end()) return {image};
    Member& member = found->second;
    if (!member.owner) {
        member.ended = true;
        if (!member.forks.empty()) return {}; // a founder
        members_.erase(found);
        return {image};
    }
    const Member gone = std::move(member);
    members_.erase(found);
    Member& owner = members_[*gone.owner];
    for (const rules::ImageKey& fork : gone.forks) {
        members_[fork].owner = gone.owner;
        owner.forks.insert(fork);
    }
    std::vector<rules::ImageKey> finished{image};
    if (const auto founder = leave(image, gone)) finished.push_back(*founder);
    return finished;
}

std::optional<rules::ImageKey> ForkLineage::owner_of(const rules::ImageKey& image) const {
    const auto found = members_.find(image);
    return found == members_.end() ? std::nullopt : found->second.owner;
}

rules::ImageKey ForkLineage::credited(const rules::ImageKey& image, BootTime young_since) const {
    rules::ImageKey current = image;
    // Each step leads to an older process, so this ends. The bound is for a hostile depth.
    for (int depth = 0; depth < 64 && current.start_boottime_ns >= young_since.ns; ++depth) {
        const auto owner = owner_of(current);
        if (!owner) break;
        const auto entry = members_.find(*owner);
        const bool lives = entry != members_.end() && !entry->second.ended;
        // A founder that has ended is credited only if no nearer owner lives.
        if (!lives && current != image) break;
        current = *owner;
    }
    return current;
}

std::vector<rules::ImageKey> ForkLineage::forks_of(const rules::ImageKey& image) const {
    const auto found = members_.find(image);
    if (found == members_.end()) return {};
    return {found->second.forks.begin(), found->second.forks.end()};
}

} // namespace minewarden::agent
