// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"

#include <chrono>
#include <functional>
#include <map>

namespace minewarden::collector {

/// Tracks which watched agents are heard and which are silent (docs/visibility.md). Does no I/O.
/// The caller passes the time for which the collector has listened: it stands still while the
/// collector cannot hear agents (stopped, disk full), so that no agent seems silent. One thread.
class Presence {
  public:
    using Duration = std::chrono::nanoseconds;

    /// An agent is silent after this many intervals without a heartbeat.
    static constexpr int missed_heartbeats = 3;
    /// Bounds for the interval that an agent reports, so that it cannot disable the check. Same as
    /// the bounds of the setting agent.heartbeat.
    static constexpr Duration shortest_interval = std::chrono::seconds(1);
    static constexpr Duration longest_interval = std::chrono::minutes(10);
    static constexpr Duration default_interval = std::chrono::seconds(10); ///< if it reports none

    /// Watches these agents too, from `now` on.
    void adopt(const std::vector<WatchedAgent>& agents, Duration now);
    /// Another collector hears the agent.
    void moved(const CurvePublicKey& agent) { agents_.erase(agent); }

    /// An agent sent Hello. That is not a heartbeat: another thread of the agent sends it.
    void greeted(const CurvePublicKey& agent, Duration interval, Duration now);
    /// An agent sent a heartbeat.
    void heard(const CurvePublicKey& agent, Duration interval, Duration now);
    /// The agent reports that it stops. True if it was not absent already.
    bool said_goodbye(const CurvePublicKey& agent);

    struct Changes {
        std::vector<CurvePublicKey> silent;
        std::vector<CurvePublicKey> revoked;
    };
    /// The agents that became silent, and those whose key was revoked.
    Changes review(Duration now, const std::function<bool(const CurvePublicKey&)>& is_enrolled);

  private:
    enum class State { present, silent, stopped, revoked };
    struct Agent {
        Duration interval = default_interval;
        Duration last_heard{};
        State state = State::present;
    };
    std::map<CurvePublicKey, Agent> agents_;
};

/// Converts from the wire; the maximum if it is too large for a duration.
[[nodiscard]] Presence::Duration to_interval(std::uint64_t nanoseconds);

} // namespace minewarden::collector
