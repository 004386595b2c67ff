// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/intake.h"

#include "collector/intake/connections.h"
#include "collector/intake/listener.h"
#include "collector/intake/message_reader.h"
#include "collector/intake/self_test.h"
#include "collector/visibility/collector_watch.h"
#include "collector/visibility/presence.h"
#include "common/log.h"
#include "common/wakeup.h"

#include <fmt/core.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <pthread.h>

namespace minewarden::collector {
namespace {

/// The bounds of one turn: large, so that many messages share a commit; small, so that they fit in
/// memory and are acknowledged soon.
constexpr std::size_t turn_bytes = std::size_t{8} << 20;
constexpr std::size_t turn_messages = 4096;

/// Credit for all agents together, and the bounds of one agent's share.
constexpr std::size_t total_credit = std::size_t{64} << 20;
constexpr std::size_t least_credit = std::size_t{64} << 10;
constexpr std::size_t most_credit = std::size_t{16} << 20;

/// For the watchdog.
constexpr std::chrono::milliseconds longest_nap{1000};

/// Interval between checks for silent agents.
constexpr std::chrono::milliseconds review_interval{500};
/// Interval between checks for other collectors, if they share the database.
constexpr std::chrono::seconds watch_interval{5};

std::string explain(MessageFault fault) {
    switch (fault) {
    case MessageFault::malformed:
        return "invalid message";
    case MessageFault::oversized:
        return fmt::format("the message is larger than {} bytes", maximum_message);
    case MessageFault::wrong_version:
        return fmt::format("this collector only supports protocol {}", protocol_version);
    case MessageFault::unexpected:
        return "send Hello first on this connection";
    case MessageFault::revoked:
        return "the key is not enrolled any more";
    case MessageFault::over_quota:
        return "this key is over its quota; send the rest later";
    }
    return "refused";
}

ByteView bytes_of(const zmq::message_t& message) {
    return {message.data<std::uint8_t>(), message.size()};
}

/// The key of the authenticated connection. No content of a message replaces it.
std::optional<CurvePublicKey> sender_of(zmq::message_t& message) {
    const char* user = zmq_msg_gets(message.handle(), "User-Id");
    const auto bytes = from_hex(user == nullptr ? "" : user);
    return CurvePublicKey::from(as_bytes(bytes.value_or("")));
}

/// Messages that are committed together.
struct Turn {
    /// The connection to answer after an arrival is committed.
    struct Reply {
        std::string routing_id;
        bool is_welcome;
        std::size_t arrival;
    };

    /// A deque, because arrivals refer to messages, and short ones are stored in message_t itself.
    std::deque<zmq::message_t> messages;
    std::size_t bytes = 0;
    std::vector<Arrival> arrivals;
    std::vector<Reply> replies;

    [[nodiscard]] bool is_full() const {
        return bytes >= turn_bytes || messages.size() >= turn_messages;
    }
};

} // namespace

/// Owns the socket. Everything except stop() runs in the intake's thread.
class Intake::Loop {
  public:
    Loop(zmq::socket_t socket, const IntakeOptions& options, const AllowList& allow_list,
         TurnSink& sink, Counters& counters)
        : socket_(std::move(socket)),
          is_shared_(options.is_shared),
          allow_list_(allow_list),
          counters_(counters),
          suspects_(options.suspects),
          limits_(options.quotas),
          quotas_(options.quotas, options.is_restart),
          sink_(sink) {}

    ~Loop() { sink_.stop(); } // before the data of turns goes
    void run();
    void stop() { stop_.set(); }

  private:
    void receive_all();
    bool receive();
    void handle(const std::string& routing_id, zmq::message_t& message, bool is_single);
    void accept(Connection& connection, const CurvePublicKey& agent, const std::string& name,
                Message message);
    void refuse(const CurvePublicKey& agent, Connection& connection, MessageFault fault);
    void pass_time(bool has_listened);
    void review_presence();
    void review_collectors();
    void review_quotas();
    /// The time of quotas_.
    [[nodiscard]] Quotas::Duration now() const { return last_round_.time_since_epoch(); }
    void learn(const Outcome& outcome);
    void hand_over();
    void reply_all(const Outcome& outcome);
    void send(const std::string& routing_id, const wire::FromCollector& message);
    [[nodiscard]] std::uint32_t credit() const;

    zmq::socket_t socket_;
    bool is_shared_; ///< other collectors use the same database
    Presence presence_;
    CollectorWatch collectors_;
    bool is_watching_ = false;                  ///< a WatchArrival is not committed yet
    std::optional<Presence::Duration> watched_; ///< time of the last WatchArrival
    std::chrono::steady_clock::time_point last_round_ = std::chrono::steady_clock::now();
    Presence::Duration listened_{}; ///< the clock of presence_
    Presence::Duration reviewed_{}; ///< the last review, on that clock
    const AllowList& allow_list_;
    Counters& counters_;
    Suspects* suspects_;
    QuotaLimits limits_;
    Quotas quotas_;
    Wakeup stop_;
    MessageReader reader_;
    Connections connections_;
    Turn incoming_;
    std::deque<Turn> committing_; ///< oldest first
    TurnSink& sink_;
};

void Intake::Loop::run() {
    ::pthread_setname_np(::pthread_self(), "intake");
    for (;;) {
        // While a full turn waits, reads nothing more: the agents' sockets fill up instead.
        const short listening = incoming_.is_full() ? short{0} : short{ZMQ_POLLIN};
        std::array<zmq_pollitem_t, 3> items{{{socket_.handle(), 0, listening, 0},
                                             {nullptr, stop_.fd(), ZMQ_POLLIN, 0},
                                             {nullptr, sink_.done_fd(), ZMQ_POLLIN, 0}}};
        const int ready =
            zmq_poll(items.data(), static_cast<int>(items.size()), longest_nap.count());
        if (ready < 0 && zmq_errno() != EINTR) return;
        counters_.last_round_ns = std::chrono::steady_clock::now().time_since_epoch().count();
        pass_time(listening != 0);
        if ((items[1].revents & ZMQ_POLLIN) != 0) return;
        while (const auto outcome = sink_.take()) {
            reply_all(*outcome);
            learn(*outcome);
            committing_.pop_front();
        }
        receive_all();
        review_presence();
        review_collectors();
        if (sink_.can_start()) hand_over();
    }
}

/// Counts at most one nap: this process may have been stopped, or the host suspended.
void Intake::Loop::pass_time(bool has_listened) {
    const auto now = std::chrono::steady_clock::now();
    const auto passed = now - std::exchange(last_round_, now);
    if (has_listened) listened_ += std::min<Presence::Duration>(passed, longest_nap);
}

/// Only after all received messages are handled.
void Intake::Loop::review_presence() {
    if (incoming_.is_full() || listened_ - reviewed_ < review_interval) return;
    reviewed_ = listened_;
    const auto changes = presence_.review(listened_, [this](const CurvePublicKey& agent) {
        return allow_list_.name_of(agent).has_value();
    });
    for (const CurvePublicKey& agent : changes.silent) {
        incoming_.arrivals.emplace_back(AbsenceArrival{agent, VisibilityReason::silent});
    }
    for (const CurvePublicKey& agent : changes.revoked)
        incoming_.arrivals.emplace_back(RevocationArrival{agent});
    review_quotas();
}

void Intake::Loop::review_quotas() {
    const auto changes = quotas_.review(now());
    for (const CurvePublicKey& agent : changes.over) {
        log::warn("the agent {} is over its quota of {} records a minute and {} new streams an "
                  "hour; what it sends is refused until it is within",
                  allow_list_.name_of(agent).value_or(fingerprint(agent)),
                  limits_.records_per_minute, limits_.new_streams_per_hour);
        incoming_.arrivals.emplace_back(QuotaArrival{agent, true});
    }
    for (const CurvePublicKey& agent : changes.within)
        incoming_.arrivals.emplace_back(QuotaArrival{agent, false});
}

/// At the start, to adopt the agents in the store; later only with other collectors.
void Intake::Loop::review_collectors() {
    if (is_watching_ || incoming_.is_full()) return;
    if (watched_ && (!is_shared_ || listened_ - *watched_ < watch_interval)) return;
    const bool is_first = !watched_;
    watched_ = listened_;
    is_watching_ = true;
    incoming_.arrivals.emplace_back(WatchArrival{collectors_.gone(), is_first});
}

void Intake::Loop::learn(const Outcome& outcome) {
    for (const CurvePublicKey& agent : outcome.moved) presence_.moved(agent);
    for (const CurvePublicKey& agent : outcome.silent)
        log::warn("the agent {} is silent: no heartbeat for three intervals",
                  allow_list_.name_of(agent).value_or(fingerprint(agent)));
    if (!outcome.watch) return;
    is_watching_ = false;
    presence_.adopt(outcome.watch->adopted, listened_);
    collectors_.saw(outcome.watch->others);
}

void Intake::Loop::hand_over() {
    if (incoming_.arrivals.empty()) return;
    committing_.push_back(std::exchange(incoming_, {}));
    sink_.start(committing_.back().arrivals);
}

/// Receives what has come, at most as much as a turn takes: refused messages are dropped at once,
/// and a flood of them must not hold up what was accepted.
void Intake::Loop::receive_all() {
    const std::uint64_t messages = counters_.messages + turn_messages;
    const std::uint64_t bytes = counters_.message_bytes + turn_bytes;
    while (!incoming_.is_full() && counters_.messages < messages &&
           counters_.message_bytes < bytes && receive()) {
    }
}

/// Receives one message. False if there is none.
bool Intake::Loop::receive() {
    zmq::message_t routing_id;
    if (zmq_msg_recv(routing_id.handle(), socket_.handle(), ZMQ_DONTWAIT) < 0) return false;
    std::size_t frames = 0;
    for (bool more = routing_id.more(); more; ++frames) {
        zmq::message_t frame;
        if (zmq_msg_recv(frame.handle(), socket_.handle(), ZMQ_DONTWAIT) < 0) break;
        more = frame.more();
        if (frames == 0) incoming_.messages.push_back(std::move(frame));
    }
    if (frames == 0) return true;
    zmq::message_t& message = incoming_.messages.back();
    ++counters_.messages;
    counters_.message_bytes += message.size();
    const std::size_t arrivals = incoming_.arrivals.size();
    handle(routing_id.to_string(), message, frames == 1);
    if (incoming_.arrivals.size() == arrivals)
        incoming_.messages.pop_back(); // refused: nothing refers to it
    else
        incoming_.bytes += message.size();
    return true;
}

void Intake::Loop::handle(const std::string& routing_id, zmq::message_t& message, bool is_single) {
    const auto agent = sender_of(message);
    if (!agent) {
        ++counters_.refused[static_cast<std::size_t>(MessageFault::malformed)];
        return;
    }
    Connection& connection = connections_.of(*agent, routing_id);
    const auto name = allow_list_.name_of(*agent);
    if (!name) {
        refuse(*agent, connection, MessageFault::revoked);
        return;
    }
    // Check it before parsing, so that a flood of messages costs as little as possible.
    if (!quotas_.admits(*agent, now())) {
        refuse(*agent, connection, MessageFault::over_quota);
        return;
    }
    if (suspects_ != nullptr) suspects_->begin_reading(*agent, now());
    // Agents send one frame; everything else is invalid.
    auto read = is_single ? reader_.read(bytes_of(message)) : fail(MessageFault::malformed);
    if (suspects_ != nullptr) suspects_->end_reading();
    const auto* batch = read ? std::get_if<BatchMessage>(&*read) : nullptr;
    quotas_.count(*agent, message.size(), batch == nullptr ? 0 : batch->records.size(), now());
    if (!read) {
        refuse(*agent, connection, read.error());
        return;
    }
    accept(connection, *agent, *name, std::move(*read));
}

void Intake::Loop::accept(Connection& connection, const CurvePublicKey& agent,
                          const std::string& name, Message message) {
    if (auto* hello = std::get_if<HelloMessage>(&message)) {
        if (!quotas_.admits_stream(agent, hello->stream, now())) {
            refuse(agent, connection, MessageFault::over_quota);
            return;
        }
        presence_.greeted(agent, hello->heartbeat_interval, listened_);
        connection = {connection.routing_id, hello->stream, true, false};
        incoming_.replies.push_back({connection.routing_id, true, incoming_.arrivals.size()});
        incoming_.arrivals.emplace_back(Opening{{agent, hello->stream},
                                                hello->boot_id,
                                                name,
                                                std::move(hello->host_name),
                                                std::move(hello->agent_version),
                                                hello->first_sequence});
        return;
    }
    if (!connection.has_greeted) {
        refuse(agent, connection, MessageFault::unexpected);
        return;
    }
    if (auto* batch = std::get_if<BatchMessage>(&message)) {
        if (batch->stream != connection.stream) {
            refuse(agent, connection, MessageFault::unexpected);
            return;
        }
        incoming_.replies.push_back({connection.routing_id, false, incoming_.arrivals.size()});
        incoming_.arrivals.emplace_back(
            Delivery{{agent, batch->stream}, std::move(batch->records)});
        return;
    }
    if (std::holds_alternative<GoodbyeMessage>(message)) {
        if (presence_.said_goodbye(agent))
            incoming_.arrivals.emplace_back(AbsenceArrival{agent, VisibilityReason::stopped});
        return;
    }
    ++counters_.heartbeats;
    auto& heartbeat = std::get<HeartbeatMessage>(message);
    presence_.heard(agent, heartbeat.interval, listened_);
    incoming_.arrivals.emplace_back(HeartbeatArrival{
        agent, heartbeat.bytes, std::move(heartbeat.problems), heartbeat.rule_set});
}

void Intake::Loop::refuse(const CurvePublicKey& agent, Connection& connection, MessageFault fault) {
    ++counters_.refused[static_cast<std::size_t>(fault)];
    // Refuses the following messages too: their sequences would look like a jump.
    connection.has_greeted = false;
    const bool is_first = !std::exchange(connection.was_refused, true);
    if (is_first && fault != MessageFault::unexpected && fault != MessageFault::over_quota)
        log::warn("refused a message of the agent {}: {}", fingerprint(agent), explain(fault));
    // Many batches may follow: answers only the first.
    if (!is_first && (fault == MessageFault::unexpected || fault == MessageFault::over_quota))
        return;
    wire::FromCollector answer;
    answer.mutable_refusal()->set_reason(explain(fault));
    send(connection.routing_id, answer);
}

/// A newer acknowledgement replaces an older one of the connection, but never overtakes a Welcome.
void Intake::Loop::reply_all(const Outcome& outcome) {
    std::map<std::string_view, std::uint64_t> acknowledged;
    const auto send_ack = [&](const std::string& routing_id, std::uint64_t position) {
        wire::FromCollector answer;
        answer.mutable_ack()->set_acknowledged(position);
        answer.mutable_ack()->set_credit_bytes(credit());
        send(routing_id, answer);
    };
    for (const Turn::Reply& reply : committing_.front().replies) {
        const std::uint64_t position = outcome.positions[reply.arrival];
        if (!reply.is_welcome) {
            acknowledged[reply.routing_id] = position;
            continue;
        }
        if (const auto before = acknowledged.extract(reply.routing_id))
            send_ack(reply.routing_id, before.mapped());
        wire::FromCollector answer;
        answer.mutable_welcome()->set_acknowledged(position);
        answer.mutable_welcome()->set_credit_bytes(credit());
        send(reply.routing_id, answer);
    }
    for (const auto& [routing_id, position] : acknowledged)
        send_ack(std::string(routing_id), position);
}

/// An agent that disconnected, or does not read, misses the answer. It gets the same from its next
/// Hello.
void Intake::Loop::send(const std::string& routing_id, const wire::FromCollector& message) {
    const std::string bytes = message.SerializeAsString();
    if (zmq_send(socket_.handle(), routing_id.data(), routing_id.size(),
                 ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0)
        zmq_send(socket_.handle(), bytes.data(), bytes.size(), ZMQ_DONTWAIT);
}

std::uint32_t Intake::Loop::credit() const {
    const std::size_t share = total_credit / std::max<std::size_t>(1, connections_.agents());
    return static_cast<std::uint32_t>(std::clamp(share, least_credit, most_credit));
}

Intake::Intake(std::unique_ptr<Loop> loop, std::vector<std::string> endpoints)
    : endpoints_(std::move(endpoints)),
      loop_(std::move(loop)),
      thread_([self = loop_.get()] { self->run(); }) {
}

Intake::~Intake() {
    loop_->stop();
    thread_.join();
}

Result<std::unique_ptr<Intake>> Intake::start(const IntakeOptions& options, zmq::context_t& context,
                                              Gate& gate, const AllowList& allow_list,
                                              TurnSink& sink, Counters& counters) {
    // Invalid messages are counted; protobuf would print each one.
    google::protobuf::SetLogHandler(nullptr);
    TRY_ASSIGN(auto listener, listen(context, options.endpoints, options.keys));
    gate.set_quiet(true);
    for (const std::string& endpoint : listener.endpoints) {
        TRY(prove_that_unknown_keys_are_refused(context, endpoint, options.keys.public_key()));
    }
    gate.set_quiet(false);
    counters.handshakes_refused -= listener.endpoints.size(); // of the self-test
    if (options.open_to_agents) options.open_to_agents(listener.endpoints);
    counters.last_round_ns = std::chrono::steady_clock::now().time_since_epoch().count();
    auto loop =
        std::make_unique<Loop>(std::move(listener.socket), options, allow_list, sink, counters);
    return std::unique_ptr<Intake>(new Intake(std::move(loop), std::move(listener.endpoints)));
}

} // namespace minewarden::collector
