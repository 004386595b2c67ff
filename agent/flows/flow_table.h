// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/flows/flow_observations.h"
#include "agent/flows/flow_traffic.h"
#include "agent/flows/holder_search.h"
#include "agent/flows/listeners.h"
#include "agent/flows/reading_queue.h"
#include "agent/flows/spoken_parts.h"
#include "common/clock.h"
#include "kernel/flow_abi.h"
#include "kernel/flow_counts_abi.h"
#include "kernel/flow_holders_abi.h"
#include "rules/observation/observation.h"
#include "rules/recognise/payload.h"

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <variant>
#include <vector>

namespace minewarden::agent {

struct FlowObservation {
    abi::subject_id owner; ///< as it was at connect, or when the holder was asked for
    rules::Observation observation;
};

/// Follows TCP connections: puts their first payload into order, recognises pool protocols and
/// node handshakes in it and remembers which connections speak to a pool while they stay open.
///
/// A connection that was accepted, or opened before the agent began, has no owner at first; one
/// whose owner handed it on and ended has none any more. What is recognised in it waits until
/// on_holders() tells who holds its descriptor (choose_owner()); if nobody does any more, who
/// listened on its port is taken for the owner.
class FlowTable {
  public:
    /// Connections whose payload is looked at, at once: at most about 17 KiB each. Where something
    /// was recognised it is read on, but of no more than half of them: nobody shall keep the agent
    /// from what is new by many logins.
    static constexpr std::size_t maximum_assemblies = 4096;

    /// Whether the process of this subject runs, whatever program it has become.
    using IsRunning = std::function<bool(const abi::subject_id& subject)>;

    static constexpr std::size_t maximum_flows = 65536;

    /// Without the latter two everybody runs, and all are one family.
    explicit FlowTable(
        std::size_t most = maximum_flows, IsRunning is_running = {},
        DescendsFrom descends_from = [](const auto&, const auto&) { return true; })
        : maximum_flows_(most),
          is_running_(std::move(is_running)),
          descends_from_(std::move(descends_from)) {}

    std::vector<FlowObservation> on_open(const abi::flow_event& event);
    /// `data` are the valid bytes of the event.
    std::vector<FlowObservation> on_payload(const abi::flow_payload_event& event, ByteView data);
    std::vector<FlowObservation> on_close(const abi::flow_event& event);
    void on_listener(const abi::flow_event& event);

    /// True if something recognised waits for its owner: pull the holders.
    [[nodiscard]] bool awaits_owner() const { return !awaiting_.empty(); }
    /// Whether a connection without known owner is open at all.
    [[nodiscard]] bool has_unowned() const { return unowned_ > 0; }
    /// Some of the descriptors of the host, or all of them: what is known is gathered.
    void on_holders(std::span<const abi::flow_holder_record> holders);
    /// The descriptors have been gone through, all if `complete`, from `asked` on.
    std::vector<FlowObservation> settle_holders(bool complete, BootTime asked);

    /// Takes connections from owners that have ended, so that their holders are asked for: those
    /// that speak a pool protocol, and those that `also` names.
    void disown_ended(const std::function<bool(std::uint64_t flow_id)>& also);
    /// pid 0: it has one that is not known now. nullopt: the connection is not known.
    [[nodiscard]] std::optional<abi::subject_id> owner_of(std::uint64_t flow_id) const;

    /// One stratum.session observation for each open connection with an owner on which Stratum was
    /// recognised.
    [[nodiscard]] std::vector<FlowObservation> sessions(BootTime now) const;
    /// A look at the open connections begins: on_counts() tells of them, then settle_counts().
    void begin_counts() { ++look_; }
    /// Some of them. The same one may come twice.
    void on_counts(std::span<const abi::flow_counts_record> counts);
    /// One flow.window observation for each connection that this look showed and that carried
    /// something since the one before.
    std::vector<FlowObservation> traffic(BootTime now);

    /// The next connections to be read again, at most so many: those that said as much as is
    /// captured at once, or in which nothing was left to look for. They wait for on_open() with
    /// FLOW_READ_AGAIN.
    std::vector<std::uint64_t> take_to_read_again(std::size_t most) {
        return to_read_again_.take(most);
    }
    /// These will not be read again as asked: they wait for another turn.
    void ask_again_for(std::span<const std::uint64_t> flow_ids);

    [[nodiscard]] std::size_t size() const { return flows_.size(); }
    /// What a complete look at the open connections can show.
    enum class Sight {
        every_socket, ///< what it does not show has ended
        held_sockets, ///< what it does not show may be held by no descriptor and still be used
    };
    /// Forgets connections that were open before `asked`, when this look began, and whose end was
    /// not reported. Returns their ids. Where every socket is shown, two looks in a row that lack
    /// it suffice. Where only held ones are, its owner has also ended; or it was silent for
    /// `looks_until_forgotten`, and meanwhile it is read again, so that its next payload shows that
    /// it is there. REQUIRES: the look was complete
    std::vector<std::uint64_t> forget_ended(Sight sight, BootTime asked);
    static constexpr unsigned looks_until_forgotten = 60;
    /// Whether forget_ended() has anything to decide that matters.
    [[nodiscard]] bool has_sessions() const { return sessions_ > 0; }

    /// Connections that were open when last seen and whose end was not told.
    [[nodiscard]] std::uint64_t ends_missed() const { return ends_missed_; }
    /// Connections whose payload was not looked at any longer because too many were at once.
    [[nodiscard]] std::uint64_t unread() const { return unread_; }
    /// Connections forgotten because there were too many at once.
    [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }
    /// Recognised messages of connections whose owner could not be found.
    [[nodiscard]] std::uint64_t unattributed() const { return unattributed_; }
    [[nodiscard]] const Listeners& listeners() const { return listeners_; }

  private:
    struct Assembly {
        std::array<rules::StreamHead, 2> heads;
        rules::PayloadRecogniser recogniser;
    };
    struct Early {
        std::variant<rules::StratumMessage, rules::NodeHandshake> what;
        rules::Direction direction;
        BootTime time;
    };
    struct Flow {
        bool open_seen = false;
        bool skipped = false;                    ///< its payload is not captured
        abi::subject_id owner{};                 ///< pid 0: not known yet
        std::optional<abi::subject_id> listener; ///< who listened on its port
        std::optional<abi::subject_id> before;   ///< its owner until that one ended
        bool disputed = false;        ///< strangers held it at the last look: nobody is named
        unsigned fruitless_pulls = 0; ///< without a holder, while messages waited
        unsigned missing = 0;         ///< looks in a row that lacked it
        std::uint64_t shown_in = 0;   ///< the last look that showed it
        FlowTraffic traffic;
        IpAddress remote_address;
        std::uint16_t remote_port = 0;
        BootTime opened;
        std::unique_ptr<Assembly> assembly; ///< nullptr once there is nothing more to look for
        /// Recognised before the opening (payload on the SYN) or the owner was known.
        std::vector<Early> early;
        // of a recognised session
        bool recognised = false;
        rules::StratumDialect dialect = rules::StratumDialect::monero;
        SpokenParts parts;
        std::int64_t client_messages = 0;
        std::int64_t server_messages = 0;
        std::int64_t submits = 0;
        std::list<std::uint64_t>::iterator place; ///< in order_
    };

    Flow& claim(std::uint64_t flow_id);
    void forget(std::unordered_map<std::uint64_t, Flow>::iterator flow);
    void start_reading(std::uint64_t flow_id, Flow& flow);
    void stop_reading(Flow& flow);
    /// Until it is read again.
    void pause_reading(std::uint64_t flow_id, Flow& flow);
    /// What went before is not known.
    static void read_from_the_middle(Flow& flow);
    void bound_assemblies();
    /// Observes what waited. REQUIRES: the owner is known.
    std::vector<FlowObservation> release(std::uint64_t flow_id, Flow& flow);
    /// The owner becomes known; the flow no longer awaits it.
    std::vector<FlowObservation> settle(std::uint64_t flow_id, Flow& flow,
                                        const abi::subject_id& owner);
    /// From here on it has no owner.
    void disown(Flow& flow);
    /// Its owner if one of these is, all of whom hold it.
    std::vector<FlowObservation> settle_among(std::uint64_t flow_id, Flow& flow,
                                              std::span<const abi::subject_id> holders);
    [[nodiscard]] bool has_ended_owner(const Flow& flow) const;
    /// Nobody can be named for what waited: counted, and nothing more is looked for.
    void give_up(std::uint64_t flow_id, Flow& flow);
    /// Nobody can be named now: what waited is counted, and what follows is asked about again.
    void wait_for_less_dispute(std::uint64_t flow_id, Flow& flow);
    static FlowTraffic::Flow describe(std::uint64_t flow_id, const Flow& flow);
    /// Takes back what waits of a connection that only tells of mining; an observation that says
    /// so, if there was evidence from it before.
    static std::vector<FlowObservation> on_transcript(std::uint64_t flow_id, Flow& flow,
                                                      rules::Direction direction, BootTime time);
    static rules::Observation describe_message(std::uint64_t flow_id, const Flow& flow,
                                               const rules::StratumMessage& message,
                                               rules::Direction direction, BootTime time);
    FlowObservation observe(std::uint64_t flow_id, Flow& flow, const rules::StratumMessage& message,
                            rules::Direction direction, BootTime time);
    static FlowObservation observe(std::uint64_t flow_id, const Flow& flow,
                                   const rules::NodeHandshake& handshake,
                                   rules::Direction direction, BootTime time);
    /// Observes it now, or keeps it until the owner is known.
    template <typename What>
    void observe_or_keep(std::uint64_t flow_id, Flow& flow, What what, rules::Direction direction,
                         BootTime time, std::vector<FlowObservation>& observations);

    std::size_t maximum_flows_;
    IsRunning is_running_;
    DescendsFrom descends_from_;
    HolderSearch search_;
    std::map<ListeningPlace, Listeners::Listener> listening_; ///< gathered with search_
    std::unordered_map<std::uint64_t, Flow> flows_;
    std::list<std::uint64_t> order_;   ///< flow ids, oldest first
    std::set<std::uint64_t> awaiting_; ///< flow ids with messages that wait for an owner
    std::size_t unowned_ = 0;          ///< open flows without owner
    std::size_t sessions_ = 0;         ///< flows on which something was recognised
    /// Flows whose payload is looked at, oldest first; some are there no more.
    std::deque<std::uint64_t> assembling_;
    std::size_t assemblies_ = 0;
    ReadingQueue to_read_again_;
    std::size_t recognised_assemblies_ = 0; ///< of these, of flows where something was recognised
    std::uint64_t look_ = 0;                ///< counts looks at the open connections
    std::uint64_t ends_missed_ = 0;
    std::uint64_t unread_ = 0;
    Listeners listeners_;
    std::uint64_t unattributed_ = 0;
    std::uint64_t forgotten_ = 0;
    WorkRequests work_requests_;
};

} // namespace minewarden::agent
