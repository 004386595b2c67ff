// SPDX-License-Identifier: Apache-2.0
#include "collector/visibility/presence.h"

#include <algorithm>

namespace minewarden::collector {
namespace {

Presence::Duration bounded(Presence::Duration interval) {
    if (interval == Presence::Duration::zero()) return Presence::default_interval;
    return std::clamp(interval, Presence::shortest_interval, Presence::longest_interval);
}

} // namespace

Presence::Duration to_interval(std::uint64_t nanoseconds) {
    return Presence::Duration(
        static_cast<std::int64_t>(std::min<std::uint64_t>(nanoseconds, INT64_MAX)));
}

void Presence::adopt(const std::vector<WatchedAgent>& agents, Duration now) {
    for (const WatchedAgent& adopted : agents) {
        Agent& agent = agents_[adopted.key];
        agent = {bounded(adopted.heartbeat_interval), now, State::present};
        if (adopted.absence == VisibilityReason::silent) agent.state = State::silent;
        if (adopted.absence == VisibilityReason::stopped) agent.state = State::stopped;
    }
}

void Presence::greeted(const CurvePublicKey& agent, Duration interval, Duration now) {
    const auto [found, is_new] = agents_.try_emplace(agent);
    found->second.interval = bounded(interval);
    if (is_new) found->second.last_heard = now;
}

void Presence::heard(const CurvePublicKey& agent, Duration interval, Duration now) {
    agents_[agent] = {bounded(interval), now, State::present};
}

bool Presence::said_goodbye(const CurvePublicKey& agent) {
    State& state = agents_[agent].state;
    if (state != State::present) return false;
    state = State::stopped;
    return true;
}

Presence::Changes Presence::review(Duration now,
                                   const std::function<bool(const CurvePublicKey&)>& is_enrolled) {
    Changes changes;
    for (auto& [key, agent] : agents_) {
        if (!is_enrolled(key)) {
            if (std::exchange(agent.state, State::revoked) != State::revoked)
                changes.revoked.push_back(key);
            continue;
        }
        if (agent.state == State::revoked) { // enrolled again: watched from now on
            agent.state = State::present;
            agent.last_heard = now;
        }
        if (agent.state == State::present &&
            now - agent.last_heard >= agent.interval * missed_heartbeats) {
            agent.state = State::silent;
            changes.silent.push_back(key);
        }
    }
    return changes;
}

} // namespace minewarden::collector
