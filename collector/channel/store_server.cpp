// SPDX-License-Identifier: Apache-2.0
#include "collector/channel/store_server.h"

#include "collector/channel/turn_encoding.h"
#include "common/log.h"

#include <pthread.h>

namespace minewarden::collector {
namespace {

/// Enrolments in one frame: at most some MiB.
constexpr std::size_t enrolments_per_frame = 32768;

/// The agent that an arrival is about; nullptr for none.
const CurvePublicKey* agent_of(const Arrival& arrival) {
    if (const auto* opening = std::get_if<Opening>(&arrival)) return &opening->stream.agent;
    if (const auto* delivery = std::get_if<Delivery>(&arrival)) return &delivery->stream.agent;
    if (const auto* heartbeat = std::get_if<HeartbeatArrival>(&arrival)) return &heartbeat->agent;
    return nullptr;
}

} // namespace

StoreServer::StoreServer(Fd channel, IntakeStore& store, const AllowList& allow_list,
                         std::function<void(const Outcome&)> on_commit)
    : store_(store),
      allow_list_(allow_list),
      on_commit_(std::move(on_commit)),
      frames_(std::move(channel), largest_turn),
      thread_([this] { run(); }) {
}

StoreServer::~StoreServer() {
    frames_.close();
    thread_.join();
}

void StoreServer::run() {
    ::pthread_setname_np(::pthread_self(), "commit");
    send_allow_list();
    auto served = serve_turn();
    while (served) served = serve_turn();
    // `unavailable`: the intake process ended, which the supervisor reports.
    if (served.error().kind == ErrorKind::data)
        log::error("{}; it is cut off and started again", served.error().message);
    frames_.close();
    has_ended_ = true;
}

Result<void> StoreServer::serve_turn() {
    TRY_ASSIGN(const auto body, frames_.receive());
    channel::Turn turn;
    if (!turn.ParseFromArray(body.data(), static_cast<int>(body.size())))
        return fail(ErrorKind::data, "the intake process sent an invalid turn");
    TRY_ASSIGN(auto arrivals, decode_turn(turn));
    const auto outcome = commit(std::move(arrivals));
    channel::FromStore answer;
    if (outcome) {
        *answer.mutable_outcome() = encode_outcome(*outcome);
    } else {
        answer.mutable_failure()->set_kind(exit_code(outcome.error().kind));
        answer.mutable_failure()->set_message(outcome.error().message);
    }
    // Before followers are told: they must not delay agents.
    const auto sent = send(answer);
    if (outcome && outcome->findings + outcome->gaps + outcome->visibility > 0 && on_commit_)
        on_commit_(*outcome);
    return sent;
}

/// Leaves out what is not of an enrolled agent: the intake may be of an older allow-list, or taken
/// over. Nothing of it is acknowledged: its position is 0.
Result<Outcome> StoreServer::commit(std::vector<Arrival> arrivals) {
    std::vector<Arrival> kept;
    std::vector<std::size_t> places;
    kept.reserve(arrivals.size());
    places.reserve(arrivals.size());
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        if (const CurvePublicKey* agent = agent_of(arrivals[i])) {
            const auto name = allow_list_.name_of(*agent);
            if (!name) continue;
            if (auto* opening = std::get_if<Opening>(&arrivals[i])) opening->agent_name = *name;
        }
        kept.push_back(std::move(arrivals[i]));
        places.push_back(i);
    }
    TRY_ASSIGN(auto outcome, store_.commit(kept, wall_now()));
    std::vector<std::uint64_t> positions(arrivals.size(), 0);
    for (std::size_t i = 0; i < places.size(); ++i) positions[places[i]] = outcome.positions[i];
    outcome.positions = std::move(positions);
    return outcome;
}

void StoreServer::send_allow_list() {
    const auto list = allow_list_.snapshot();
    channel::FromStore message;
    const std::lock_guard guard(sending_);
    if (sent_version_ == list.version) return;
    sent_version_ = list.version;
    channel::Enrolments& part = *message.mutable_enrolments();
    part.set_is_first(true);
    const auto send_part = [&](bool is_last) {
        part.set_is_last(is_last);
        (void)frames_.send(message.SerializeAsString()); // run() sees the end of the channel
        part.clear_agents();
        part.set_is_first(false);
    };
    for (const auto& [key, name] : *list.names) {
        channel::Enrolments::Agent& agent = *part.add_agents();
        agent.set_key(std::string(as_text(key.view())));
        agent.set_name(name);
        if (static_cast<std::size_t>(part.agents_size()) == enrolments_per_frame) send_part(false);
    }
    send_part(true);
}

Result<void> StoreServer::send(const channel::FromStore& message) {
    const std::lock_guard guard(sending_);
    return frames_.send(message.SerializeAsString());
}

} // namespace minewarden::collector
