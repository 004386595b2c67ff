// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/flows/conversation.h"
#include "agent/flows/flow.h"
#include "agent/flows/spoken_parts.h"
#include "agent/flows/work_requests.h"
#include "rules/observation/observation.h"
#include "rules/recognise/payload.h"

namespace minewarden::agent {

/// The mining protocol on one connection: its dialect, which end speaks which part, and how much
/// the process at this end has said and heard.
class MiningSession {
  public:
    /// Takes the messages of the connection in their order, also while its owner is unknown.
    /// Returns true if the message answers a request of the other end.
    bool hear(const rules::MiningMessage& message, rules::Direction direction, BootTime time) {
        if (!message.is_bare_answer()) parts_.add(direction, message.sender);
        return conversation_.add(message, direction, time);
    }
    /// REQUIRES: a message was heard that is no bare answer
    [[nodiscard]] MiningRole role() const { return parts_.role(); }

    /// Counts a message. The session begins with the first. REQUIRES: it was heard
    void count(const rules::MiningMessage& message, rules::Direction direction);
    [[nodiscard]] bool has_begun() const { return has_begun_; }
    /// Another process speaks from now on: the counts restart at 0, and so does the conversation.
    void restart_counts() {
        client_messages_ = server_messages_ = submits_ = 0;
        conversation_ = {};
        conversation_observed_ = false;
    }

    /// False if the conversation was observed, or cannot be until another message is heard.
    [[nodiscard]] bool may_observe_conversation() const {
        return !conversation_observed_ && conversation_.may_be_kept();
    }
    /// True if miner and pool have kept a conversation so far. REQUIRES: as role()
    [[nodiscard]] bool is_conversation(BootTime now) const;
    /// The stratum.conversation observation, once. REQUIRES: is_conversation(now)
    [[nodiscard]] rules::Observation observe_conversation(const Flow& flow, BootTime now);

    /// The stratum.message observation. `work` as WorkRequests counts it.
    [[nodiscard]] rules::Observation observe_message(const Flow& flow,
                                                     const rules::MiningMessage& message,
                                                     rules::Direction direction,
                                                     const WorkRequests::Counts& work,
                                                     BootTime time) const;
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
    Conversation conversation_;
    bool conversation_observed_ = false;
    std::int64_t client_messages_ = 0;
    std::int64_t server_messages_ = 0;
    std::int64_t submits_ = 0;
};

} // namespace minewarden::agent
