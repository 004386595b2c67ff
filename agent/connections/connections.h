// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/connections/connection_owners.h"
#include "agent/dns/answer_reader.h"
#include "agent/flows/work_requests.h"
#include "agent/processes/process_observation.h"
#include "kernel/flow_counts_abi.h"

#include <set>
#include <utility>

namespace minewarden::agent {

/// The TCP connections of this host, with their owners, destinations and contents. Events and pulls
/// go in; observations come out, each about the process image that answers for the connection now.
///
/// This is where the rooms meet: flows/ reads what a connection says and carries, dns/ knows which
/// listed name its address belongs to, processes/ knows which process is alive and what it runs.
class Connections {
  public:
    static constexpr std::size_t maximum = 65536;

    /// `processes` outlives this. `indicators`: the lists of names to look for.
    Connections(const ProcessTable& processes,
                std::shared_ptr<const rules::IndicatorSet> indicators, std::size_t most = maximum);

    using Observations = std::vector<ProcessObservation>;

    // Events.
    Observations on_open(const abi::flow_event& event);
    /// `data` are the valid bytes of the event.
    Observations on_payload(const abi::flow_payload_event& event, ByteView data);
    Observations on_close(const abi::flow_event& event);
    void on_listener(const abi::flow_event& event) { owners_.on_listener(event); }
    /// `bytes` are the valid bytes of the event.
    void on_dns_answer(const abi::dns_answer_event& event, ByteView bytes) {
        answers_.on_answer(event, bytes);
    }

    // Owners. A search for holders: on_holders() any number of times, then settle_holders().
    /// True if something recognised waits for the owner of its connection.
    [[nodiscard]] bool awaits_owner() const { return owners_.is_awaited(); }
    /// True if an open connection has no known owner.
    [[nodiscard]] bool has_unowned() const { return owners_.has_unowned(); }
    void disown_ended() { owners_.disown_ended(); }
    void on_holders(std::span<const abi::flow_holder_record> holders) {
        owners_.on_holders(holders);
    }
    /// `complete`: the search saw every descriptor of the host as of `asked`.
    Observations settle_holders(bool complete, BootTime asked);

    // Traffic. A look at the open connections: begin_look(), on_counts() any number of times, then
    // traffic(), and forget_ended() if the look was complete.
    void begin_look() { ++look_; }
    /// The same connection may come several times.
    void on_counts(std::span<const abi::flow_counts_record> counts);
    /// A flow.window observation for each connection that this look showed and that has carried
    /// something since the look before.
    Observations traffic(BootTime now);
    /// What a complete look at the open connections can show.
    enum class Sight {
        every_socket, ///< a connection that it does not show has ended
        held_sockets, ///< such a connection may be in use although no descriptor refers to it
    };
    /// Forgets connections that were open before `asked`, when this look began, and whose end was
    /// not reported. Two looks in a row that lack the connection suffice if every socket is shown.
    /// If only held ones are, its owner must also have ended, or `looks_until_forgotten` looks in a
    /// row have lacked it; meanwhile it is read again, so that its next payload shows it is there.
    void forget_ended(Sight sight, BootTime asked);
    static constexpr unsigned looks_until_forgotten = 60;

    /// A stratum.conversation observation for each connection that has become one, once; some
    /// become one by staying open. Call it several times a second.
    [[nodiscard]] Observations conversations(BootTime now);
    /// The same for the connections of one process. Call it before its end or exec is noted:
    /// afterwards nothing can be observed of the program any more.
    [[nodiscard]] Observations conversations_of(std::uint32_t pid, BootTime now);

    // At the end of a window, for each open connection that has an owner.
    /// A stratum.session observation for each one with a mining session.
    [[nodiscard]] Observations sessions(BootTime now);
    /// A flow.destination observation for each one to a listed name.
    [[nodiscard]] Observations destinations(BootTime now);
    /// True if there is any that matters (Connection::matters()).
    [[nodiscard]] bool has_any_that_matters() const;

    // Reading on.
    /// The next connections to be captured again, at most `most` of them. They wait for on_open()
    /// with FLOW_READ_AGAIN.
    std::vector<std::uint64_t> take_to_read_again(std::size_t most) {
        return reading_.take_queued(most);
    }
    /// These are not captured again as asked: they wait for another turn.
    void queue_again(std::span<const std::uint64_t> flow_ids);

    /// What was learnt by the lists before stays.
    void replace_indicators(std::shared_ptr<const rules::IndicatorSet> indicators) {
        names_.replace_lists(std::move(indicators));
    }

    [[nodiscard]] std::size_t size() const { return table_.size(); }
    // Counts since the start, in the terms of docs/visibility.md.
    [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }
    [[nodiscard]] std::uint64_t unread() const { return reading_.displaced(); }
    [[nodiscard]] std::uint64_t ends_missed() const { return ends_missed_; }
    [[nodiscard]] std::uint64_t unattributed() const { return owners_.unattributed(); }
    [[nodiscard]] std::uint64_t owners_gone() const { return owners_gone_; }
    [[nodiscard]] std::uint64_t encrypted_resolvers() const { return encrypted_resolvers_; }
    [[nodiscard]] std::uint64_t names_forgotten() const { return names_.forgotten(); }
    [[nodiscard]] const Listeners& listeners() const { return owners_.listeners(); }
    [[nodiscard]] const AnswerCounts& answers() const { return answers_.counts(); }

  private:
    Connection& claim(std::uint64_t flow_id);
    void forget(Connection& connection);
    void reopen(Connection& connection, const abi::flow_event& event);
    /// Looks up the name that the address belongs to; observes it if there is one.
    void join_destination(Connection& connection, const abi::flow_event& event, Observations& to);
    /// Observes the message, or keeps it until the owner is known.
    void take(Connection& connection, RecognisedMessage message, Observations& to);
    /// Observes the conversation if it is one and has an owner; else looks at it again later, if it
    /// may become one.
    void look_at_conversation(Connection& connection, BootTime now, Observations& to);
    [[nodiscard]] bool owner_speaks(const Connection& connection) const;
    /// Observes what waited. REQUIRES: the owner is known
    void release(Connection& connection, Observations& to);
    [[nodiscard]] rules::Observation observe(Connection& connection,
                                             const RecognisedMessage& message);
    /// Counts what the message, if it is a call of a node or its answer, means for its owner.
    WorkRequests::Counts count_work(const Connection& connection, const RecognisedMessage& message);
    /// Adds an observation about the image that answers for what the owner does. It is dropped if
    /// the owner has ended: no process is blamed for what others do with its connection.
    void add(Observations& to, const abi::subject_id& owner, rules::Observation observation);

    const ProcessTable& processes_;
    NameCache names_;
    AnswerReader answers_{names_};
    ConnectionTable table_;
    ConnectionOwners owners_{table_, processes_};
    PayloadReading reading_;
    WorkRequests work_requests_;
    /// By pid of the owner (0: unknown) and flow id.
    std::set<std::pair<std::uint32_t, std::uint64_t>> becoming_conversations_;
    std::uint64_t look_ = 0; ///< number of the last look at the open connections
    std::uint64_t forgotten_ = 0;
    std::uint64_t ends_missed_ = 0;
    std::uint64_t owners_gone_ = 0;
    std::uint64_t encrypted_resolvers_ = 0;
};

} // namespace minewarden::agent
