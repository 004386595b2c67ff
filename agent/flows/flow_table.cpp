// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/flow_table.h"

#include <algorithm>
#include <iterator>

namespace minewarden::agent {
namespace {

using rules::Direction;
using rules::Observation;
using rules::ObservationType;
using rules::StratumMessage;
using rules::StratumSide;

constexpr std::uint64_t ns_per_second = 1'000'000'000;
/// What may wait for an owner; one flow's window holds no more messages that matter.
constexpr std::size_t maximum_early = 32;
/// A descriptor in flight (SCM_RIGHTS) or about to be accepted has no holder for a moment.
constexpr unsigned maximum_fruitless_pulls = 4;

FlowCounts counts_of(const abi::flow_event& event) {
    return {event.bytes_sent, event.bytes_received, event.segments_sent, event.segments_received};
}

ListeningPlace place_of(const abi::flow_event& event) {
    return {event.network_namespace, event.local_port, IpAddress::from_bytes(event.local_address)};
}

} // namespace

void FlowTable::forget(std::unordered_map<std::uint64_t, Flow>::iterator flow) {
    if (flow->second.open_seen && flow->second.owner.pid == 0) --unowned_;
    unattributed_ += awaiting_.erase(flow->first) * flow->second.early.size();
    if (flow->second.recognised) --sessions_;
    stop_reading(flow->second);
    to_read_again_.remove(flow->first);
    order_.erase(flow->second.place);
    flows_.erase(flow);
}

void FlowTable::start_reading(std::uint64_t flow_id, Flow& flow) {
    flow.assembly = std::make_unique<Assembly>();
    ++assemblies_;
    if (flow.recognised) ++recognised_assemblies_;
    assembling_.push_back(flow_id);
    bound_assemblies();
}

void FlowTable::read_from_the_middle(Flow& flow) {
    if (flow.assembly)
        flow.assembly->recogniser = rules::PayloadRecogniser(rules::StreamStart::middle);
}

void FlowTable::stop_reading(Flow& flow) {
    if (!flow.assembly) return;
    flow.assembly.reset();
    --assemblies_;
    if (flow.recognised) --recognised_assemblies_;
}

void FlowTable::pause_reading(std::uint64_t flow_id, Flow& flow) {
    stop_reading(flow);
    to_read_again_.add(flow_id);
}

// Whoever opens many connections and sends half a message in each must not take the agent's memory.
void FlowTable::bound_assemblies() {
    if (assembling_.size() > 2 * assemblies_ + maximum_assemblies)
        std::erase_if(assembling_, [this](std::uint64_t id) {
            const auto found = flows_.find(id);
            return found == flows_.end() || !found->second.assembly;
        });
    for (std::size_t looked = assembling_.size(); assemblies_ > maximum_assemblies && looked > 0;
         --looked) {
        const std::uint64_t id = assembling_.front();
        assembling_.pop_front();
        const auto found = flows_.find(id);
        if (found == flows_.end() || !found->second.assembly) continue;
        if (found->second.recognised && recognised_assemblies_ <= maximum_assemblies / 2) {
            assembling_.push_back(id);
            continue;
        }
        pause_reading(id, found->second);
        ++unread_;
    }
}

FlowTable::Flow& FlowTable::claim(std::uint64_t flow_id) {
    if (const auto found = flows_.find(flow_id); found != flows_.end()) return found->second;
    if (flows_.size() >= maximum_flows_) {
        // A pool session is old and must not go for what is new and says nothing.
        constexpr int looked_at = 64;
        auto oldest = order_.begin();
        for (int i = 0; i < looked_at && flows_.at(*oldest).recognised; ++i)
            if (++oldest == order_.end()) break;
        if (oldest == order_.end()) oldest = order_.begin();
        forget(flows_.find(*oldest));
        ++forgotten_;
    }
    Flow& flow = flows_[flow_id];
    flow.place = order_.insert(order_.end(), flow_id);
    start_reading(flow_id, flow);
    return flow;
}

// The call of observe() in a generic lambda hides from clang-tidy that it needs the object.
// NOLINTNEXTLINE(readability-convert-member-functions-to-static)
std::vector<FlowObservation> FlowTable::release(std::uint64_t flow_id, Flow& flow) {
    std::vector<FlowObservation> observations;
    observations.reserve(flow.early.size());
    for (const auto& [what, direction, time] : flow.early)
        std::visit(
            [&, side = direction, at = time](const auto& known) {
                observations.push_back(observe(flow_id, flow, known, side, at));
            },
            what);
    flow.early.clear();
    return observations;
}

std::vector<FlowObservation> FlowTable::settle(std::uint64_t flow_id, Flow& flow,
                                               const abi::subject_id& owner) {
    if (flow.owner.pid == 0) --unowned_;
    flow.owner = owner;
    flow.disputed = false;
    awaiting_.erase(flow_id);
    return release(flow_id, flow);
}

bool FlowTable::has_ended_owner(const Flow& flow) const {
    return flow.open_seen && flow.owner.pid != 0 && is_running_ && !is_running_(flow.owner);
}

void FlowTable::disown(Flow& flow) {
    flow.before = flow.owner;
    flow.owner = {};
    flow.fruitless_pulls = 0;
    ++unowned_;
}

void FlowTable::disown_ended(const std::function<bool(std::uint64_t flow_id)>& also) {
    for (auto& [flow_id, flow] : flows_) {
        if (flow.disputed)
            awaiting_.insert(flow_id); // those who dispute it may end or let go of it
        if (!(flow.recognised || also(flow_id)) || !has_ended_owner(flow)) continue;
        disown(flow);
        awaiting_.insert(flow_id);
    }
}

std::optional<abi::subject_id> FlowTable::owner_of(std::uint64_t flow_id) const {
    const auto found = flows_.find(flow_id);
    if (found == flows_.end()) return std::nullopt;
    return found->second.owner;
}

void FlowTable::give_up(std::uint64_t flow_id, Flow& flow) {
    unattributed_ += flow.early.size();
    flow.early.clear();
    stop_reading(flow);
    awaiting_.erase(flow_id);
}

void FlowTable::wait_for_less_dispute(std::uint64_t flow_id, Flow& flow) {
    unattributed_ += std::max<std::size_t>(flow.early.size(), 1);
    flow.early.clear();
    flow.fruitless_pulls = 0;
    awaiting_.erase(flow_id);
}

std::vector<FlowObservation> FlowTable::on_open(const abi::flow_event& event) {
    Flow& flow = claim(event.flow_id);
    const bool skipped = (event.flags & abi::FLOW_PAYLOAD_SKIPPED) != 0;
    const bool in_middle = (event.flags & abi::FLOW_IN_MIDDLE) != 0;
    const bool again = (event.flags & abi::FLOW_READ_AGAIN) != 0;
    if (flow.open_seen) { // told twice by two CPUs, unless there is budget for it now
        if (!again && (!flow.skipped || skipped)) return {};
        flow.skipped = false;
        stop_reading(flow);
        start_reading(event.flow_id, flow);
        if (in_middle) read_from_the_middle(flow);
        return {};
    }
    flow.open_seen = true;
    flow.skipped = skipped;
    flow.owner = event.owner;
    flow.remote_address = IpAddress::from_bytes(event.remote_address);
    flow.remote_port = event.remote_port;
    flow.opened = {event.header.boottime_ns};
    if (skipped) stop_reading(flow);
    if (in_middle) {
        flow.traffic.begin_at(counts_of(event));
        read_from_the_middle(flow);
    }
    if (flow.owner.pid == 0) {
        ++unowned_;
        flow.listener = listeners_.find(place_of(event));
        if (!flow.early.empty()) awaiting_.insert(event.flow_id);
        return {};
    }
    return release(event.flow_id, flow);
}

std::vector<FlowObservation> FlowTable::on_payload(const abi::flow_payload_event& event,
                                                   ByteView data) {
    Flow& flow = claim(event.flow_id);
    flow.missing = 0;
    if (!flow.assembly) {
        to_read_again_.add(event.flow_id); // or the event that it is read again was lost
        return {};
    }
    const auto direction =
        event.direction == abi::FLOW_SENT ? Direction::sent : Direction::received;
    const BootTime time{event.header.boottime_ns};
    rules::StreamHead& head = flow.assembly->heads[static_cast<std::size_t>(direction)];
    const std::string_view fresh = head.add(event.offset, data);
    std::vector<FlowObservation> observations;
    rules::PayloadRecogniser& recogniser = flow.assembly->recogniser;
    std::vector<StratumMessage> messages = recogniser.feed(direction, fresh);
    for (const StratumMessage& message : messages) flow.parts.add(direction, message.sender);
    if (!messages.empty() && flow.parts.role() == MiningRole::other) {
        observations = on_transcript(event.flow_id, flow, direction, time);
        messages.clear();
    }
    for (StratumMessage& message : messages)
        observe_or_keep(event.flow_id, flow, std::move(message), direction, time, observations);
    for (auto& [handshake, side] : recogniser.take_handshakes())
        observe_or_keep(event.flow_id, flow, std::move(handshake), side, time, observations);
    const auto is_full = [](const rules::StreamHead& each) {
        return each.contiguous() >= rules::StreamHead::window;
    };
    if (!recogniser.is_hopeful() || std::ranges::all_of(flow.assembly->heads, is_full))
        pause_reading(event.flow_id, flow);
    else if (std::ranges::any_of(flow.assembly->heads, is_full))
        to_read_again_.add(event.flow_id); // and on to the end of the other direction until then
    return observations;
}

std::vector<FlowObservation> FlowTable::on_transcript(std::uint64_t flow_id, Flow& flow,
                                                      Direction direction, BootTime time) {
    std::erase_if(flow.early, [](const Early& early) {
        return std::holds_alternative<StratumMessage>(early.what);
    });
    if (!flow.recognised || flow.owner.pid == 0) return {};
    StratumMessage message;
    message.dialect = flow.dialect;
    message.message = "transcript";
    return {{flow.owner, describe_message(flow_id, flow, message, direction, time)}};
}

template <typename What>
void FlowTable::observe_or_keep(std::uint64_t flow_id, Flow& flow, What what, Direction direction,
                                BootTime time, std::vector<FlowObservation>& observations) {
    if (has_ended_owner(flow)) disown(flow);
    if (flow.open_seen && flow.owner.pid != 0) {
        observations.push_back(observe(flow_id, flow, what, direction, time));
    } else if (flow.early.size() < maximum_early) {
        flow.early.push_back({std::move(what), direction, time});
        if (flow.open_seen) awaiting_.insert(flow_id);
    }
}

FlowObservation FlowTable::observe(std::uint64_t flow_id, const Flow& flow,
                                   const rules::NodeHandshake& handshake, Direction direction,
                                   BootTime time) {
    return {flow.owner, handshake_observation(flow_id, flow.remote_address, flow.remote_port,
                                              handshake, direction, time)};
}

std::vector<FlowObservation> FlowTable::on_close(const abi::flow_event& event) {
    const auto found = flows_.find(event.flow_id);
    if (found == flows_.end()) return {};
    Flow& flow = found->second;
    std::vector<FlowObservation> observations;
    if (flow.open_seen && flow.owner.pid == 0 && flow.listener && !flow.disputed)
        observations = settle(event.flow_id, flow, *flow.listener);
    flow.traffic.set_totals(counts_of(event));
    if (flow.owner.pid != 0 && !flow.traffic.is_quiet()) {
        const BootTime now{event.header.boottime_ns};
        observations.push_back(
            {flow.owner, flow.traffic.take(describe(event.flow_id, flow), now, true)});
    }
    forget(found);
    return observations;
}

void FlowTable::on_listener(const abi::flow_event& event) {
    if (event.header.type == abi::EVENT_LISTEN_BEGIN)
        listeners_.add(place_of(event), {event.owner, event.flow_id, {event.header.boottime_ns}});
    else
        listeners_.remove(place_of(event), event.flow_id);
}

void FlowTable::on_holders(std::span<const abi::flow_holder_record> holders) {
    for (const abi::flow_holder_record& record : holders) {
        if (record.is_listener == 0) {
            const auto found = flows_.find(record.flow_id);
            if (found != flows_.end() && found->second.open_seen && found->second.owner.pid == 0)
                search_.add(record.flow_id, record.holder);
            continue;
        }
        if (listening_.size() >= Listeners::maximum) continue;
        const ListeningPlace place{record.network_namespace, record.local_port,
                                   IpAddress::from_bytes(record.local_address)};
        const Listeners::Listener listener{record.holder, record.flow_id, {}};
        const auto [known, fresh] = listening_.try_emplace(place, listener);
        if (!fresh && is_likelier(record.holder, known->second.subject)) known->second = listener;
    }
}

std::vector<FlowObservation> FlowTable::settle_among(std::uint64_t flow_id, Flow& flow,
                                                     std::span<const abi::subject_id> holders) {
    const auto choice =
        choose_owner(holders, flow.before ? flow.before : flow.listener, descends_from_);
    flow.disputed = !choice;
    if (!choice) return {};
    if (choice->is_stranger) {
        unattributed_ += flow.early.size();
        flow.early.clear();
        flow.client_messages = 0;
        flow.server_messages = 0;
        flow.submits = 0;
    }
    return settle(flow_id, flow, choice->owner);
}

std::vector<FlowObservation> FlowTable::settle_holders(bool complete, BootTime asked) {
    std::set<ListeningPlace> seen;
    for (auto& [place, listener] : listening_) {
        listener.since = asked;
        listeners_.add(place, listener);
        seen.insert(place);
    }
    if (complete && listening_.size() < Listeners::maximum) listeners_.keep_only(seen, asked);
    listening_.clear();
    std::vector<FlowObservation> observations;
    const auto add = [&observations](std::vector<FlowObservation> more) {
        std::ranges::move(more, std::back_inserter(observations));
    };
    for (const auto& [flow_id, holders] : search_.found())
        add(settle_among(flow_id, flows_.at(flow_id), holders));
    search_.clear();
    const std::set<std::uint64_t> still_waiting = awaiting_;
    for (const std::uint64_t flow_id : still_waiting) {
        Flow& flow = flows_.at(flow_id);
        if (++flow.fruitless_pulls < maximum_fruitless_pulls) continue;
        if (flow.disputed)
            wait_for_less_dispute(flow_id, flow);
        else if (flow.listener)
            add(settle(flow_id, flow, *flow.listener));
        else
            give_up(flow_id, flow);
    }
    return observations;
}

FlowTraffic::Flow FlowTable::describe(std::uint64_t flow_id, const Flow& flow) {
    return {flow_id, flow.remote_address, flow.remote_port, flow.listener.has_value(), flow.opened};
}

void FlowTable::on_counts(std::span<const abi::flow_counts_record> counts) {
    for (const abi::flow_counts_record& record : counts) {
        const auto found = flows_.find(record.flow_id);
        if (found == flows_.end()) continue;
        Flow& flow = found->second;
        flow.shown_in = look_;
        flow.missing = 0;
        flow.traffic.set_totals({record.bytes_sent, record.bytes_received, record.segments_sent,
                                 record.segments_received});
    }
}

std::vector<FlowObservation> FlowTable::traffic(BootTime now) {
    std::vector<FlowObservation> observations;
    for (auto& [flow_id, flow] : flows_) {
        if (flow.shown_in != look_ || flow.owner.pid == 0 || flow.traffic.is_quiet()) continue;
        observations.push_back(
            {flow.owner, flow.traffic.take(describe(flow_id, flow), now, false)});
    }
    return observations;
}

FlowObservation FlowTable::observe(std::uint64_t flow_id, Flow& flow, const StratumMessage& message,
                                   Direction direction, BootTime time) {
    namespace field = rules::stratum_message;
    const bool from_client = message.sender == StratumSide::client;
    flow.dialect =
        flow.recognised ? rules::narrower_dialect(flow.dialect, message.dialect) : message.dialect;
    if (!flow.recognised) {
        ++sessions_;
        if (flow.assembly) ++recognised_assemblies_;
    }
    flow.recognised = true;
    const bool is_its_part = (flow.parts.role() == MiningRole::client) == from_client;
    if (is_its_part == (direction == Direction::sent)) {
        ++(from_client ? flow.client_messages : flow.server_messages);
        if (message.message == "submit") ++flow.submits;
    }

    Observation observation = describe_message(flow_id, flow, message, direction, time);
    const bool asks = message.message == "get_work";
    observation.set(field::work_requests,
                    asks ? work_requests_.count(flow.owner, flow.remote_address, time) : 0);
    return {flow.owner, std::move(observation)};
}

Observation FlowTable::describe_message(std::uint64_t flow_id, const Flow& flow,
                                        const StratumMessage& message, Direction direction,
                                        BootTime time) {
    namespace field = rules::stratum_message;
    const bool sent = direction == Direction::sent;
    Observation observation(ObservationType::stratum_message);
    observation.time = time;
    observation.entity = static_cast<std::int64_t>(flow_id);
    observation.set(field::dialect, std::string(to_string(message.dialect)));
    observation.set(field::message, std::string(message.message));
    observation.set(field::sent, sent);
    observation.set(field::role, std::string(to_string(flow.parts.role())));
    observation.set(field::remote_address, flow.remote_address);
    observation.set(field::remote_port, std::int64_t{flow.remote_port});
    observation.set(field::wallet, std::string(message.wallet));
    if (!message.software.empty()) observation.set(field::software, message.software);
    observation.set(field::algorithms, std::int64_t{message.algorithms});
    observation.set(field::miner_header, message.miner_header);
    return observation;
}

std::vector<FlowObservation> FlowTable::sessions(BootTime now) const {
    namespace field = rules::stratum_session;
    std::vector<FlowObservation> observations;
    for (const std::uint64_t flow_id : order_) {
        const Flow& flow = flows_.at(flow_id);
        if (!flow.recognised || flow.owner.pid == 0) continue;
        Observation observation(ObservationType::stratum_session);
        observation.time = now;
        observation.entity = static_cast<std::int64_t>(flow_id);
        observation.set(field::dialect, std::string(to_string(flow.dialect)));
        observation.set(field::role, std::string(to_string(flow.parts.role())));
        observation.set(field::remote_address, flow.remote_address);
        observation.set(field::remote_port, std::int64_t{flow.remote_port});
        observation.set(field::age_s,
                        static_cast<std::int64_t>((now.ns - flow.opened.ns) / ns_per_second));
        observation.set(field::client_messages, flow.client_messages);
        observation.set(field::server_messages, flow.server_messages);
        observation.set(field::submits, flow.submits);
        observations.push_back({flow.owner, std::move(observation)});
    }
    return observations;
}

std::vector<std::uint64_t> FlowTable::forget_ended(Sight sight, BootTime asked) {
    // The end of one that was just closed may still be in the ring, so once is not enough.
    constexpr unsigned missing_for_good = 2;
    std::vector<std::uint64_t> ended;
    for (auto& [flow_id, flow] : flows_) {
        if (!flow.open_seen || flow.opened >= asked || flow.shown_in == look_) continue;
        if (++flow.missing < missing_for_good) continue;
        if (sight == Sight::held_sockets && flow.missing < looks_until_forgotten &&
            flow.owner.pid != 0 && !has_ended_owner(flow)) {
            if (flow.missing == missing_for_good) to_read_again_.add(flow_id);
            continue;
        }
        ended.push_back(flow_id);
    }
    for (const std::uint64_t flow_id : ended) forget(flows_.find(flow_id));
    ends_missed_ += ended.size();
    return ended;
}

void FlowTable::ask_again_for(std::span<const std::uint64_t> flow_ids) {
    for (const std::uint64_t flow_id : flow_ids)
        if (flows_.contains(flow_id)) to_read_again_.add(flow_id);
}

} // namespace minewarden::agent
