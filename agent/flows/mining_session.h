// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/flows/flow.h"
#include "agent/flows/spoken_parts.h"
#include "rules/observation/observation.h"
#include "rules/recognise/payload.h"

namespace minewarden::agent {

/// The mining protocol on one connection: its dialect, which end speaks which part, and how much
/// the process at this end has said and heard.
class MiningSession {
  public:
    /// Notes that a message of this side was recognised in this direction.
    void note_part(rules::Direction direction, rules::MiningSide sender) {
        parts_.add(direction, sender);
    }
    /// REQUIRES: a part was noted
    [[nodiscard]] MiningRole role() const { return parts_.role(); }

    /// Counts a message. The session begins with the first. REQUIRES: its part was noted
    void count(const rules::MiningMessage& message, rules::Direction direction);
    [[nodiscard]] bool has_begun() const { return has_begun_; }
    /// Another process speaks from now on: the counts restart at 0.
    void restart_counts() { client_messages_ = server_messages_ = submits_ = 0; }

    /// The stratum.message observation. `work_requests` as WorkRequests counts them.
    [[nodiscard]] rules::Observation
    observe_message(const Flow& flow, const rules::MiningMessage& message,
                    rules::Direction direction, std::int64_t work_requests, BootTime time) const;
    /// A stratum.message observation that says: this end only passes on what others said.
    [[nodiscard]] rules::Observation
    observe_transcript(const Flow& flow, rules::Direction direction, BootTime time) const;
    /// The stratum.session observation of the open connection. REQUIRES: has_begun()
    [[nodiscard]] rules::Observation observe_session(const Flow& flow, BootTime now) const;

  private:
    [[nodiscard]] rules::Observation describe(const Flow& flow, const rules::MiningMessage& message,
                                              rules::Direction direction, BootTime time) const;

    bool has_begun_ = false;
    rules::MiningProtocol protocol_ = rules::MiningProtocol::monero;
    SpokenParts parts_;
    std::int64_t client_messages_ = 0;
    std::int64_t server_messages_ = 0;
    std::int64_t submits_ = 0;
};

} // namespace minewarden::agent
