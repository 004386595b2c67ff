// SPDX-License-Identifier: Apache-2.0
#include "collector/visibility/presence.h"

#include <algorithm>

namespace minewarden::collector {
namespace {

constexpr std::size_t page_limit = 1000;

Presence::Duration bounded(Presence::Duration interval) {
    if (interval == Presence::Duration::zero()) return Presence::default_interval;
    return std::clamp(interval, Presence::shortest_interval, Presence::longest_interval);
}

} // namespace

Presence::Duration to_interval(std::uint64_t nanoseconds) {
    return Presence::Duration(
        static_cast<std::int64_t>(std::min<std::uint64_t>(nanoseconds, INT64_MAX)));
}

Result<Presence> Presence::recall(Store& store) {
    TRY_ASSIGN(const auto agents, store.agents());
    Presence presence;
    for (const StoredAgent& agent : agents)
        presence.agents_[agent.key].interval =
            bounded(to_interval(agent.heartbeat.heartbeat_interval_ns()));
    VisibilityFilter filter{.open = true, .limit = page_limit};
    for (bool more = true; more;) {
        TRY_ASSIGN(const auto page, store.visibility(filter));
        for (const StoredVisibility& record : page.records) {
            Agent& agent = presence.agents_[record.agent];
            if (record.reason == VisibilityReason::silent) agent.state = State::silent;
            if (record.reason == VisibilityReason::stopped) agent.state = State::stopped;
        }
        filter.after = page.next;
        more = page.more;
    }
    return presence;
}

void Presence::greeted(const CurvePublicKey& agent, Duration interval, Duration now) {
    const auto [found, is_new] = agents_.try_emplace(agent);
    found->second.interval = bounded(interval);
    if (is_new) found->second.last_heard = now;
}

bool Presence::heard(const CurvePublicKey& agent, Duration interval, Duration now) {
    Agent& heard = agents_[agent];
    heard.interval = bounded(interval);
    heard.last_heard = now;
    const State before = std::exchange(heard.state, State::present);
    return before == State::silent || before == State::stopped;
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
        if (agent.state == State::revoked) { // enrolled again: expected from now on
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
