// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/conversation.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// Which words make a conversation of a miner with a pool or a node.
namespace minewarden::agent {
namespace {

using namespace std::string_view_literals;
using rules::Direction;
using rules::MiningMessage;
using rules::Reply;
using enum rules::Direction;
using enum rules::MiningProtocol;

constexpr std::uint64_t second = 1'000'000'000;
constexpr BootTime begin{100 * second};
constexpr BootTime later{101 * second};

MiningMessage request(std::string_view name, std::uint64_t id = 0,
                      rules::MiningProtocol dialect = monero) {
    MiningMessage made = make_message(dialect, name, rules::MiningSide::client);
    made.id = id;
    return made;
}
MiningMessage said(std::string_view name, rules::MiningProtocol dialect = monero) {
    return make_message(dialect, name, rules::MiningSide::server);
}
MiningMessage reply(std::uint64_t id, Reply kind = Reply::result,
                    std::string_view name = "answer") {
    MiningMessage made = said(name);
    made.id = id;
    made.reply = kind;
    return made;
}
/// In a protocol without ids.
MiningMessage answer(std::string_view name, std::string_view to,
                     rules::MiningProtocol dialect = browser) {
    MiningMessage made = said(name, dialect);
    made.answers = to;
    return made;
}

struct Said {
    MiningMessage message;
    Direction direction;
};
Said out(MiningMessage message) {
    return {std::move(message), sent};
}
Said in(MiningMessage message) {
    return {std::move(message), received};
}

/// All said at `begin`.
Conversation after(const std::vector<Said>& all) {
    Conversation conversation;
    for (const Said& each : all) conversation.add(each.message, each.direction, begin);
    return conversation;
}
bool is_kept(const std::vector<Said>& all, BootTime now = later, Direction miner = sent) {
    return after(all).is_kept(miner, now);
}

TEST(Conversation, IsAnAnswerAndAJobAndASecond) {
    const std::vector<Said> login{out(request("login", 1)), in(reply(1, Reply::result, "job"))};
    EXPECT_TRUE(is_kept(login));
    EXPECT_FALSE(is_kept(login, {later.ns - 1}));
    EXPECT_TRUE(after(login).may_be_kept());
    EXPECT_FALSE(is_kept(login, later, received)) << "the other end is no miner";
    EXPECT_TRUE(is_kept({out(request("subscribe", 1)), in(reply(1)), in(said("notify", kawpow))}));
    EXPECT_TRUE(is_kept({in(said("notify")), out(request("subscribe", 1)), in(reply(1))}))
        << "in any order";
}

TEST(Conversation, IsThePoolsAsWell) {
    EXPECT_TRUE(
        is_kept({in(request("login", 1)), out(reply(1, Reply::result, "job"))}, later, received));
}

TEST(Conversation, NeedsNoSecondIfTheMinerGoesOn) {
    std::vector<Said> all{out(request("login", 1)), in(reply(1, Reply::result, "job")),
                          out(request("keepalive", 2))};
    EXPECT_FALSE(is_kept(all, begin));
    all.push_back(in(reply(2)));
    EXPECT_TRUE(is_kept(all, begin));
}

TEST(Conversation, IsNotGoneOnWithByAGreeting) {
    EXPECT_FALSE(is_kept({out(request("subscribe", 1)), in(reply(1)), in(said("notify")),
                          out(request("authorize", 2)), in(reply(2))},
                         begin));
    // Nor by what was asked before the work came.
    EXPECT_FALSE(is_kept({out(request("login", 1)), out(request("keepalive", 2)),
                          in(reply(1, Reply::result, "job")), in(reply(2))},
                         begin));
}

TEST(Conversation, IsNotWhatOneEndSays) {
    const std::vector<Said> requests{out(request("login", 1)), out(request("subscribe", 2)),
                                     out(request("submit", 3)), out(request("submit", 4))};
    EXPECT_FALSE(is_kept(requests));
    EXPECT_FALSE(is_kept({in(said("job")), in(said("notify")), in(reply(1)), in(reply(2))}));
    std::vector<Said> with_jobs = requests;
    with_jobs.push_back(in(said("job")));
    EXPECT_FALSE(is_kept(with_jobs)) << "no request was answered";
    // One end says both parts.
    EXPECT_FALSE(is_kept({out(request("login", 1)), out(reply(1, Reply::result, "job")),
                          out(request("submit", 2)), out(reply(2))}));
}

TEST(Conversation, IsNotALoginThatIsRefusedOrAnsweredWithoutWork) {
    for (const Reply kind : {Reply::refusal, Reply::error}) {
        EXPECT_FALSE(is_kept({out(request("login", 1)), in(reply(1, kind)), in(said("job"))}));
    }
    EXPECT_FALSE(is_kept({out(request("login", 1)), in(reply(1))}));
    EXPECT_FALSE(is_kept({out(request("login", 1)), in(reply(7, Reply::result, "job"))}))
        << "another id";
    EXPECT_FALSE(is_kept({out(request("login")), in(reply(0, Reply::result, "job"))})) << "no id";
}

TEST(Conversation, IsOneAnsweredShareOnAConnectionJoinedMidway) {
    EXPECT_TRUE(is_kept({out(request("submit", 7)), in(reply(7))}, begin));
    EXPECT_TRUE(is_kept({out(request("submit", 7)), in(reply(7, Reply::refusal))}, begin))
        << "a refused share was computed as well";
    EXPECT_FALSE(is_kept({out(request("submit", 7)), in(reply(7, Reply::error))}));
    EXPECT_FALSE(is_kept({out(request("submit", 7)), in(reply(8))}));
    EXPECT_TRUE(is_kept({out(request("submit")), in(answer("answer", "submit"))}, begin));
}

TEST(Conversation, FollowsProtocolsWithoutIds) {
    EXPECT_TRUE(is_kept({out(request("login", 0, browser)), in(answer("login", "login")),
                         in(said("job", browser))}));
    EXPECT_TRUE(is_kept({out(request("login", 0, browser)), in(answer("job", "login"))}));
    EXPECT_FALSE(is_kept({in(answer("job", "login"))}));
    EXPECT_TRUE(is_kept({out(request("subscribe", 0, stratum_v2)),
                         in(answer("subscribe", "subscribe", stratum_v2)),
                         in(said("notify", stratum_v2))}));
}

TEST(Conversation, DoesNotTakeTheAnswerToASubscriptionForWork) {
    EXPECT_FALSE(is_kept({out(request("subscribe", 1)), in(reply(1, Reply::result, "notify"))}));
}

TEST(Conversation, WithANodeIsWorkAskedForAndThenSubmitted) {
    for (const auto dialect : {getwork, block_template, eth_getwork, monero_daemon}) {
        std::vector<Said> reading;
        for (int i = 0; i < 20; ++i) {
            reading.push_back(out(request("get_work", 1, dialect)));
            reading.push_back(in(answer("work", "get_work", dialect)));
        }
        EXPECT_FALSE(is_kept(reading, {900 * second})) << "it watches the node";
        reading.push_back(out(request("submit", 2, dialect)));
        EXPECT_TRUE(is_kept(reading, begin));
        EXPECT_FALSE(
            is_kept({out(request("get_work", 1, dialect)), out(request("submit", 2, dialect)),
                     in(answer("work", "get_work", dialect))}))
            << "submitted before there was work";
    }
    EXPECT_FALSE(
        is_kept({in(answer("work", "get_work", getwork)), out(request("submit", 2, getwork))}))
        << "work that was not asked for";
}

// A tool that tries every call of a node over WebSocket sends eth_getWork as eth-proxy does.
TEST(Conversation, IsNotOneRequestForWorkAlone) {
    std::vector<Said> all;
    for (std::uint64_t id = 1; id <= 3; ++id) {
        EXPECT_FALSE(is_kept(all)) << id;
        all.push_back(out(request("get_work", id, eth_proxy)));
        MiningMessage work = reply(id, Reply::result, "work");
        work.protocol = eth_proxy;
        all.push_back(in(work));
    }
    EXPECT_TRUE(is_kept(all, begin));
}

TEST(Conversation, TellsWhatAnswersARequest) {
    Conversation conversation;
    EXPECT_FALSE(conversation.add(request("login", 1), sent, begin));
    EXPECT_FALSE(conversation.add(reply(2), received, begin));
    EXPECT_FALSE(conversation.add(reply(1), sent, begin));
    EXPECT_TRUE(conversation.add(reply(1), received, begin));
    EXPECT_FALSE(conversation.add(reply(1), received, begin)) << "once";
    EXPECT_EQ(conversation.counts(sent).answered, 1);
}

TEST(Conversation, ForgetsOldRequests) {
    Conversation conversation;
    for (std::uint64_t id = 1; id <= Conversation::maximum_outstanding + 1; ++id)
        conversation.add(request("submit", id), sent, begin);
    EXPECT_FALSE(conversation.add(reply(1), received, begin));
    EXPECT_TRUE(conversation.add(reply(2), received, begin));
}

MiningMessage any_message() {
    const auto dialect = *rc::gen::element(monero, bitcoin, stratum_v2, browser, getwork);
    const bool is_request = *rc::gen::arbitrary<bool>();
    MiningMessage made =
        is_request ? request(*rc::gen::element("login"sv, "subscribe"sv, "submit"sv, "get_work"sv),
                             0, dialect)
                   : answer(*rc::gen::element("job"sv, "notify"sv, "work"sv, "answer"sv),
                            *rc::gen::element(""sv, "login"sv, "submit"sv, "get_work"sv), dialect);
    made.id = *rc::gen::inRange<std::uint64_t>(0, 3);
    if (!is_request) made.reply = *rc::gen::element(Reply::none, Reply::result, Reply::refusal);
    return made;
}

RC_GTEST_PROP(Conversation, IsNeverKeptByOneDirection, ()) {
    const Direction direction = *rc::gen::element(sent, received);
    Conversation conversation;
    for (int i = *rc::gen::inRange(0, 60); i > 0; --i)
        RC_ASSERT(!conversation.add(any_message(), direction, begin));
    RC_ASSERT(!conversation.may_be_kept());
}

RC_GTEST_PROP(Conversation, IsNeverKeptWithoutAnAnswer, ()) {
    // Requests of one end, words of the other, none of which fits.
    Conversation conversation;
    for (int i = *rc::gen::inRange(0, 60); i > 0; --i) {
        MiningMessage message = any_message();
        const bool is_request = message.sender == rules::MiningSide::client;
        message.id += is_request ? 1 : 10;
        message.answers = {};
        conversation.add(message, is_request ? sent : received, begin);
    }
    RC_ASSERT(!conversation.may_be_kept());
}

} // namespace
} // namespace minewarden::agent
