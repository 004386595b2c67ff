// SPDX-License-Identifier: Apache-2.0
#include "collector/visibility/collector_watch.h"

namespace minewarden::collector {

void CollectorWatch::saw(const std::vector<OtherCollector>& others) {
    std::map<CollectorId, Seen> now;
    for (const OtherCollector& other : others) {
        const auto before = others_.find(other.id);
        const bool is_unchanged = before != others_.end() && before->second.beats == other.beats;
        now[other.id] = {other.beats, is_unchanged ? before->second.unchanged + 1 : 0};
    }
    others_ = std::move(now);
}

std::vector<CollectorId> CollectorWatch::gone() const {
    std::vector<CollectorId> gone;
    for (const auto& [id, seen] : others_) {
        if (seen.unchanged >= patience) gone.push_back(id);
    }
    return gone;
}

} // namespace minewarden::collector
