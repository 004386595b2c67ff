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
                         Counters& counters, std::function<void(const Outcome&)> on_commit)
    : store_(store, counters),
      allow_list_(allow_list),
      on_commit_(std::move(on_commit)),
      frames_(std::move(channel), largest_turn),
      reader_([this] { read_all(); }),
      committer_([this] { commit_all(); }) {
}

StoreServer::~StoreServer() {
    end();
    reader_.join();
    committer_.join();
}

void StoreServer::end() {
    {
        const std::lock_guard guard(mutex_);
        has_ended_ = true;
    }
    store_.stop();
    frames_.close();
    changed_.notify_all();
}

void StoreServer::read_all() {
    ::pthread_setname_np(::pthread_self(), "turns");
    send_allow_list();
    auto read = read_turn();
    while (read) read = read_turn();
    // `unavailable`: the intake process ended, which the supervisor reports.
    if (read.error().kind == ErrorKind::data)
        log::error("{}; it is cut off and started again", read.error().message);
    end();
}

Result<void> StoreServer::read_turn() {
    TRY_ASSIGN(const auto body, frames_.receive());
    Turn turn{std::make_unique<channel::Turn>(), {}};
    if (!turn.message->ParseFromArray(body.data(), static_cast<int>(body.size())))
        return fail(ErrorKind::data, "the intake process sent an invalid turn");
    TRY_ASSIGN(turn.arrivals, decode_turn(*turn.message));
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !next_ || has_ended_; });
    if (has_ended_) return fail(ErrorKind::unavailable, "the channel has ended");
    next_ = std::move(turn);
    changed_.notify_all();
    return {};
}

void StoreServer::commit_all() {
    ::pthread_setname_np(::pthread_self(), "commit");
    for (;;) {
        Turn turn;
        {
            std::unique_lock lock(mutex_);
            // What was received is not committed for an intake that is gone: it would be right, but
            // agents send it again.
            changed_.wait(lock, [this] { return next_ || has_ended_; });
            if (has_ended_) return;
            turn = std::move(*std::exchange(next_, std::nullopt));
        }
        changed_.notify_all();
        const auto outcome = commit(std::move(turn.arrivals));
        if (!outcome) return;
        channel::FromStore answer;
        *answer.mutable_outcome() = encode_outcome(*outcome);
        (void)send(answer); // the reader sees the end of the channel
        // After the answer: followers must not delay agents.
        if (on_commit_ && has_news(*outcome)) on_commit_(*outcome);
    }
}

/// Leaves out what is not of an enrolled agent: the intake may be of an older allow-list, or taken
/// over. Nothing of it is acknowledged: its position is 0.
std::optional<Outcome> StoreServer::commit(std::vector<Arrival> arrivals) {
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
    auto outcome = store_.commit(kept);
    if (!outcome) return std::nullopt;
    std::vector<std::uint64_t> positions(arrivals.size(), 0);
    for (std::size_t i = 0; i < places.size(); ++i) positions[places[i]] = outcome->positions[i];
    outcome->positions = std::move(positions);
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
