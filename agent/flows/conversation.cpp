// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/conversation.h"

#include <algorithm>

namespace minewarden::agent {
namespace {

using rules::Direction;
using rules::MiningMessage;
using rules::MiningSide;
using rules::Reply;

Direction opposite(Direction direction) {
    return direction == Direction::sent ? Direction::received : Direction::sent;
}

/// What a client says before it works. A health check can say all of it.
bool is_greeting(std::string_view request) {
    constexpr std::array<std::string_view, 6> names{"login", "subscribe",  "authorize",
                                                    "hello", "extranonce", "configure"};
    return std::ranges::find(names, request) != names.end();
}

/// The answer to mining.subscribe is called notify, too, and has no job in it.
bool gives_work(const MiningMessage& message) {
    return message.message == "job" || message.message == "work" ||
           (message.message == "notify" && message.reply == Reply::none);
}

/// Some tools try every call of a node once, also eth_getWork over WebSocket.
constexpr std::int64_t steady_requests = 3;

bool is_good_answer(const MiningMessage& message, std::string_view request) {
    return message.reply == Reply::result || message.reply == Reply::none ||
           (message.reply == Reply::refusal && request == "submit");
}

} // namespace

bool Conversation::add(const MiningMessage& message, Direction direction, BootTime time) {
    if (message.sender == MiningSide::client) {
        add_request(message, direction);
        return false;
    }
    Miner& miner = of(opposite(direction));
    const auto request = take_request(message, opposite(direction));
    const bool answers = request && is_good_answer(message, request->name);
    const bool is_node = rules::is_node_call(message.protocol);
    if (answers) {
        ++miner.counts.answered;
        if (request->name == "submit") ++miner.counts.answered_submits;
        if (is_node && message.message == "work") miner.has_work_of_node = true;
        miner.went_on = miner.went_on || request->goes_on;
        miner.has_introduced_itself = miner.has_introduced_itself || request->name != "get_work";
    }
    if (gives_work(message)) {
        ++miner.counts.jobs;
        miner.has_work_of_pool = miner.has_work_of_pool || !is_node;
    }
    const bool is_served = miner.has_work_of_pool && (miner.has_introduced_itself ||
                                                      miner.counts.answered >= steady_requests);
    if (!miner.served && is_served) miner.served = time;
    return answers;
}

void Conversation::add_request(const MiningMessage& message, Direction direction) {
    Miner& miner = of(direction);
    if (rules::is_node_call(message.protocol) && message.message == "submit" &&
        miner.has_work_of_node)
        miner.submitted_to_node = true;
    if (outstanding_.size() == maximum_outstanding) outstanding_.erase(outstanding_.begin());
    outstanding_.push_back({direction, message.id, message.message,
                            miner.counts.jobs > 0 && !is_greeting(message.message)});
}

std::optional<Conversation::Request> Conversation::take_request(const MiningMessage& message,
                                                                Direction miner) {
    const auto is_answered = [&](const Request& request) {
        if (request.direction != miner) return false;
        const bool by_id = message.reply != Reply::none && message.id != 0;
        return (by_id && request.id == message.id) ||
               (!message.answers.empty() && request.name == message.answers);
    };
    const auto found = std::ranges::find_if(outstanding_, is_answered);
    if (found == outstanding_.end()) return std::nullopt;
    const Request request = *found;
    outstanding_.erase(found);
    return request;
}

bool Conversation::is_kept(Direction miner, BootTime now) const {
    const Miner& its = of(miner);
    return its.is_kept_by_its_messages() || (its.served && now.ns >= its.served->ns + settling_ns);
}

bool Conversation::may_be_kept() const {
    return std::ranges::any_of(miners_, [](const Miner& miner) {
        return miner.served || miner.is_kept_by_its_messages();
    });
}

} // namespace minewarden::agent
