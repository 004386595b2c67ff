// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/suspects/suspects.h"

#include <algorithm>

namespace minewarden::collector {
namespace {

using Peer = SuspectMemory::Peer;

Peer by_key(const CurvePublicKey& key) {
    return {{}, key.bytes, 1};
}

Peer by_address(const PeerAddress& address) {
    return {address.bytes, {}, 0};
}

} // namespace

std::vector<Peer> Suspects::learn(Time died) {
    const std::lock_guard guard(mutex_);
    std::vector<Peer> blamed;
    if (memory_.reading.at_ns != 0) {
        blamed.push_back(memory_.reading.peer);
    } else {
        for (const SuspectMemory::Act& end : memory_.ends) {
            const Time before = died - Time(std::max<std::int64_t>(end.at_ns, 0));
            const bool is_near = end.at_ns > 0 && before >= Time(0) && before <= window;
            if (is_near && std::ranges::find(blamed, end.peer) == blamed.end())
                blamed.push_back(end.peer);
        }
    }
    std::vector<Peer> kept_out;
    for (const Peer& peer : blamed) strike(peer, died, kept_out);
    memory_.reading = {};
    memory_.ends = {};
    return kept_out;
}

void Suspects::strike(const Peer& peer, Time died, std::vector<Peer>& kept_out) {
    auto found = std::ranges::find(memory_.strikes, peer, &SuspectMemory::Strikes::peer);
    if (found == memory_.strikes.end()) {
        // The one whose last strike is the oldest makes room.
        found = std::ranges::min_element(memory_.strikes, {},
                                         [](const auto& strikes) { return strikes.at_ns.front(); });
        *found = {peer, {}, 0};
    }
    const bool was_out = is_out(*found, died);
    std::shift_right(found->at_ns.begin(), found->at_ns.end(), 1);
    found->at_ns.front() = died.count();
    if (!was_out && is_out(*found, died)) kept_out.push_back(peer);
}

bool Suspects::is_out(const SuspectMemory::Strikes& strikes, Time now) {
    const std::int64_t oldest = strikes.at_ns.back();
    const std::int64_t newest = strikes.at_ns.front();
    return oldest > 0 && newest > 0 && Time(newest - oldest) <= remembered &&
           now - Time(newest) <= remembered;
}

void Suspects::note_end(const PeerAddress& address, const std::optional<CurvePublicKey>& key,
                        Time now) {
    const std::lock_guard guard(mutex_);
    SuspectMemory::Act& end = memory_.ends[memory_.next_end++ % memory_.ends.size()];
    end = {now.count(), key ? by_key(*key) : by_address(address)};
}

void Suspects::begin_reading(const CurvePublicKey& key, Time now) {
    const std::lock_guard guard(mutex_);
    memory_.reading = {now.count(), by_key(key)};
}

void Suspects::end_reading() {
    const std::lock_guard guard(mutex_);
    memory_.reading.at_ns = 0;
}

bool Suspects::is_kept_out(const CurvePublicKey& key, Time now) const {
    const std::lock_guard guard(mutex_);
    const auto found =
        std::ranges::find(memory_.strikes, by_key(key), &SuspectMemory::Strikes::peer);
    return found != memory_.strikes.end() && is_out(*found, now);
}

bool Suspects::may_try(const PeerAddress& address, Time now) {
    const std::lock_guard guard(mutex_);
    const auto found =
        std::ranges::find(memory_.strikes, by_address(address), &SuspectMemory::Strikes::peer);
    if (found == memory_.strikes.end() || !is_out(*found, now)) return true;
    if (found->last_try_ns != 0 && now - Time(found->last_try_ns) < between_tries) return false;
    found->last_try_ns = now.count();
    return true;
}

} // namespace minewarden::collector
