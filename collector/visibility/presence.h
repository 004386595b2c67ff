// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"

#include <chrono>
#include <functional>
#include <map>

namespace minewarden::collector {

/// Which of the agents that this collector watches are heard, and which have been silent too long
/// (docs/visibility.md). Pure bookkeeping: time is given, as the time for which the collector has
/// listened. While it was not able to hear any agent (stopped, disk full) no time passes, so that
/// is no agent's silence. One thread.
class Presence {
  public:
    using Duration = std::chrono::nanoseconds;

    /// So many intervals without a heartbeat are silence.
    static constexpr int missed_heartbeats = 3;
    /// What an agent says of its interval is taken within these: it must not be able to say that no
    /// heartbeat is to be expected. They are the bounds of the setting agent.heartbeat.
    static constexpr Duration shortest_interval = std::chrono::seconds(1);
    static constexpr Duration longest_interval = std::chrono::minutes(10);
    static constexpr Duration default_interval = std::chrono::seconds(10); ///< if it says none

    /// Watches these as well: each is expected from `now` on.
    void adopt(const std::vector<WatchedAgent>& agents, Duration now);
    /// Another collector hears it.
    void moved(const CurvePublicKey& agent) { agents_.erase(agent); }

    /// An agent said Hello. It has yet to be heard: Hello comes from another of its threads.
    void greeted(const CurvePublicKey& agent, Duration interval, Duration now);
    /// An agent's heartbeat.
    void heard(const CurvePublicKey& agent, Duration interval, Duration now);
    /// It was stopped, and says so. True if it was not away already.
    bool said_goodbye(const CurvePublicKey& agent);

    struct Changes {
        std::vector<CurvePublicKey> silent;
        std::vector<CurvePublicKey> revoked;
    };
    /// Who is silent from now on, and who is not to be expected any more.
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

/// As on the wire; what is too large for a duration is the longest.
[[nodiscard]] Presence::Duration to_interval(std::uint64_t nanoseconds);

} // namespace minewarden::collector
