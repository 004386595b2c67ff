// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/shipped.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <map>

/// Verdicts of the shipped rules on mining calls and node handshakes.
namespace minewarden::rules {
namespace {

using test::image;
using test::integer;
using test::observe;
using test::text;

/// A message that the process sent as a client; of a node's calls `requests` for work came before,
/// of which `answers` were answered.
Observation call(std::string_view dialect, std::string_view message, std::int64_t requests = 0,
                 bool miner_header = false, std::int64_t answers = 0) {
    return observe(ObservationType::stratum_message,
                   {{"dialect", text(dialect)},
                    {"message", text(message)},
                    {"role", text("client")},
                    {"sent", true},
                    {"miner_header", miner_header},
                    {"work_requests", integer(requests)},
                    {"work_answers", integer(answers)}},
                   1);
}

/// A conversation on the connection of call().
Observation conversation(std::string_view dialect, std::string_view role = "client") {
    return observe(ObservationType::stratum_conversation,
                   {{"dialect", text(dialect)},
                    {"role", text(role)},
                    {"jobs", integer(1)},
                    {"answered", integer(1)},
                    {"answered_submits", integer(0)}},
                   1);
}

Observation handshake(std::string_view network, bool sent, bool serves_chain = true) {
    return observe(ObservationType::node_handshake,
                   {{"network", text(network)}, {"sent", sent}, {"serves_chain", serves_chain}}, 2);
}

/// What the other end said, or a message with these fields besides.
Observation with(Observation observation,
                 const std::vector<std::pair<std::size_t, Value>>& fields) {
    for (const auto& [field, value] : fields) observation.set(field, value);
    return observation;
}

class ShippedDialects : public ::testing::Test {
  protected:
    /// The certainty of each activity after these observations in one window.
    static std::map<std::string, Certainty> after(const std::vector<Observation>& observations) {
        Engine engine = test::new_engine(test::shipped_rules());
        std::map<std::string, Certainty> certainties;
        for (const Observation& observation : observations) engine.observe(image(7), observation);
        engine.judge_news();
        for (const VerdictRecord& change : engine.take_changes())
            certainties[std::string(change.activity.name())] = change.verdict.certainty;
        return certainties;
    }
    static Certainty pool_client(const std::vector<Observation>& observations) {
        return after(observations)["mining.pool.client"];
    }
};

TEST_F(ShippedDialects, WhoReadsTemplatesAndNeverSubmitsIsAMonitor) {
    for (const char* dialect : {"getblocktemplate", "monero-daemon"}) {
        EXPECT_EQ(pool_client({call(dialect, "height"), call(dialect, "get_work", 1)}),
                  Certainty::none);
        std::vector<Observation> polls;
        for (int i = 1; i <= 500; ++i) {
            polls.push_back(call(dialect, "get_work", i, false, i - 1));
            polls.push_back(
                with(call(dialect, "work", i, false, i), {{stratum_message::sent, false}}));
        }
        EXPECT_EQ(pool_client(polls), Certainty::none) << "after 500 requests";
    }
}

TEST_F(ShippedDialects, AMonitorThatComputesIsASuspicion) {
    const Observation computes = observe(ObservationType::thread_window,
                                         {{"thread", integer(5)},
                                          {"cpu_permille", integer(900)},
                                          {"fp_samples", integer(40)},
                                          {"fp_nondefault", integer(30)},
                                          {"fp_modes", integer(3)},
                                          {"fp_flushed", integer(30)},
                                          {"rounding.nearest", integer(10)},
                                          {"rounding.down", integer(10)},
                                          {"rounding.up", integer(10)},
                                          {"rounding.to_zero", integer(10)},
                                          {"private_mib", integer(2100)},
                                          {"largest_mapping_mib", integer(2080)}},
                                         5);
    EXPECT_EQ(pool_client({computes}), Certainty::none);
    EXPECT_EQ(pool_client({call("getblocktemplate", "get_work", 9), computes}),
              Certainty::suspected);
}

TEST_F(ShippedDialects, CallsOfANodeAreASuspicionUntilTheyAreAnswered) {
    for (const char* dialect : {"getwork", "eth-getwork", "eth-proxy"}) {
        EXPECT_EQ(pool_client({call(dialect, "get_work", 1)}), Certainty::none);
        EXPECT_EQ(pool_client({call(dialect, "get_work", 300)}), Certainty::suspected);
    }
    for (const char* dialect : {"getwork", "eth-getwork", "getblocktemplate", "monero-daemon"}) {
        EXPECT_EQ(pool_client({call(dialect, "get_work", 1, true)}), Certainty::suspected);
        EXPECT_EQ(pool_client({call(dialect, "submit")}), Certainty::suspected);
        EXPECT_EQ(pool_client({call(dialect, "submit", 1, false, 1)}), Certainty::probable);
        EXPECT_EQ(pool_client({conversation(dialect)}), Certainty::probable);
    }
}

TEST_F(ShippedDialects, OnlyMinersGetWorkAgainAndAgain) {
    const auto work = [](const char* dialect, int requests, int answers) {
        return with(call(dialect, "work", requests, false, answers),
                    {{stratum_message::sent, false}});
    };
    for (const char* dialect : {"getwork", "eth-getwork"}) {
        EXPECT_EQ(pool_client({work(dialect, 3, 3)}), Certainty::probable);
        EXPECT_EQ(pool_client({work(dialect, 2, 2)}), Certainty::none);
        EXPECT_EQ(pool_client({work(dialect, 12, 3)}), Certainty::none) << "mostly refused";
    }
    // A miner that says in HTTP that it is one.
    EXPECT_EQ(pool_client({call("getblocktemplate", "get_work", 4, true, 3)}), Certainty::probable);
}

TEST_F(ShippedDialects, AToolThatTriesEveryCallOnceIsNothing) {
    EXPECT_EQ(
        pool_client({call("getwork", "get_work", 1), call("getblocktemplate", "get_work", 1)}),
        Certainty::none);
}

TEST_F(ShippedDialects, AnAnsweredHandshakeIsANode) {
    for (const char* network : {"bitcoin", "ethereum", "monero"}) {
        EXPECT_EQ(after({handshake(network, true)})["node.full"], Certainty::suspected) << network;
        const auto both = after({handshake(network, true), handshake(network, false)});
        EXPECT_EQ(both.at("node.full"), Certainty::probable) << network;
        for (const auto& [activity, certainty] : both)
            EXPECT_FALSE(activity.starts_with("mining")) << activity;
    }
    EXPECT_TRUE(after({handshake("libp2p", true), handshake("libp2p", false)}).empty());
    const auto light = after({handshake("bitcoin", true, false)});
    EXPECT_EQ(light.size(), 1u);
    EXPECT_TRUE(light.contains("node.light"));
}

TEST_F(ShippedDialects, AHandshakeDoesNotHideAMiner) {
    const std::vector<Observation> node{handshake("bitcoin", true), handshake("bitcoin", false)};
    std::vector<Observation> miner{call("ethereumstratum-1", "subscribe"),
                                   call("ethereumstratum-1", "submit")};
    miner.push_back(call("bitcoin", "authorize"));
    miner.push_back(conversation("ethereumstratum-1"));
    miner.insert(miner.end(), node.begin(), node.end());
    EXPECT_EQ(pool_client(miner), Certainty::probable);
    std::vector<Observation> work{call("getwork", "get_work", 500)};
    work.insert(work.end(), node.begin(), node.end());
    EXPECT_EQ(pool_client(work), Certainty::suspected) << "on another connection";
}

TEST_F(ShippedDialects, AMessageIsASuspicionAConversationIsMining) {
    namespace field = stratum_message;
    const Observation login = call("monero", "login");
    const Observation with_wallet = with(login, {{field::wallet, std::string("monero")}});
    const Observation with_algorithms = with(login, {{field::algorithms, std::int64_t{5}}});
    const Observation with_name = with(login, {{field::software, std::string("AcmeClient")},
                                               {field::wallet, std::string("other")},
                                               {field::algorithms, std::int64_t{0}}});
    for (const Observation& message : {with_wallet,
                                       with_algorithms,
                                       with_name,
                                       call("monero", "submit"),
                                       call("monero", "keepalive"),
                                       call("bitcoin", "subscribe"),
                                       call("bitcoin", "configure"),
                                       call("bitcoin", "authorize"),
                                       call("bitcoin", "submit"),
                                       call("stratum-v2", "subscribe"),
                                       call("stratum-v2", "authorize"),
                                       call("stratum-v2", "submit"),
                                       call("kawpow", "submit"),
                                       call("ethereumstratum-1", "subscribe"),
                                       call("ethereumstratum-2", "hello"),
                                       call("eth-proxy", "login"),
                                       call("zcash", "subscribe"),
                                       call("beam", "login"),
                                       call("beam", "submit"),
                                       call("grin", "submit"),
                                       call("iron-fish", "subscribe"),
                                       call("iron-fish", "submit"),
                                       call("browser", "login")}) {
        const std::string dialect = to_display(message.values[field::dialect]);
        EXPECT_EQ(pool_client({message}), Certainty::suspected) << dialect;
        EXPECT_EQ(pool_client({message, conversation(dialect)}), Certainty::probable) << dialect;
    }
    EXPECT_EQ(pool_client({with(login, {{field::wallet, std::string("other")},
                                        {field::algorithms, std::int64_t{0}}})}),
              Certainty::none);
    EXPECT_EQ(pool_client({call("grin", "get_work")}), Certainty::none);
}

TEST_F(ShippedDialects, WorkThatIsReceivedIsASuspicion) {
    for (const auto& [dialect, message] :
         {std::pair("monero", "job"), std::pair("bitcoin", "notify"), std::pair("zcash", "notify"),
          std::pair("stratum-v2", "notify"), std::pair("eth-proxy", "work"),
          std::pair("kawpow", "notify"), std::pair("beam", "job"), std::pair("grin", "job"),
          std::pair("iron-fish", "notify"), std::pair("browser", "job")})
        EXPECT_EQ(pool_client({with(call(dialect, message), {{stratum_message::sent, false}})}),
                  Certainty::suspected)
            << dialect;
}

TEST_F(ShippedDialects, ReceivingMinerMessagesWithoutAnsweringIsNotAPool) {
    namespace field = stratum_message;
    const auto server = [&](std::string_view message, bool sent) {
        return with(call("monero", message),
                    {{field::role, std::string("server")}, {field::sent, sent}});
    };
    EXPECT_TRUE(after({with(server("login", false), {{field::wallet, std::string("monero")}}),
                       server("submit", false), server("keepalive", false)})
                    .empty());
    EXPECT_EQ(after({server("job", true), server("notify", true)})["mining.pool.operate"],
              Certainty::suspected);
    EXPECT_EQ(after({conversation("monero", "server")})["mining.pool.operate"],
              Certainty::probable);
}

TEST_F(ShippedDialects, ATranscriptRefutesItsMessages) {
    namespace field = stratum_message;
    const Observation transcript =
        with(call("monero", "transcript"), {{field::role, std::string("other")}});
    const Observation login =
        with(call("monero", "login"), {{field::wallet, std::string("monero")}});
    EXPECT_EQ(pool_client({login, transcript}), Certainty::none);
    EXPECT_EQ(pool_client({call("bitcoin", "authorize"), transcript}), Certainty::none);
    // A log that it ships does not hide its session with a pool.
    Observation session = conversation("monero");
    session.entity = 2;
    EXPECT_EQ(pool_client({login, session, transcript}), Certainty::probable);
}

// Evidence of a login lasts longer than evidence against it, so the latter is repeated in each
// window.
TEST_F(ShippedDialects, ATranscriptRefutesAsLongAsItIsOpen) {
    namespace field = stratum_session;
    Engine engine = test::new_engine(test::shipped_rules());
    engine.observe(image(7), with(call("monero", "login"),
                                  {{stratum_message::wallet, std::string("monero")}}));
    engine.observe(image(7), with(call("monero", "transcript"),
                                  {{stratum_message::role, std::string("other")}}));
    engine.judge_news();
    for (std::int64_t window = 1; window <= 6; ++window) {
        Observation session(ObservationType::stratum_session);
        session.entity = 1;
        session.set(field::dialect, std::string("monero"));
        session.set(field::role, std::string("other"));
        session.set(field::age_s, 10 * window);
        session.set(field::client_messages, std::int64_t{1});
        session.set(field::server_messages, std::int64_t{0});
        engine.observe(image(7), std::move(session));
        engine.end_window();
        EXPECT_TRUE(engine.take_changes().empty()) << window;
    }
}

/// Any message of any dialect, to or from the process, without an answer.
Observation any_unanswered_message() {
    namespace field = stratum_message;
    static const std::array dialects{"monero",
                                     "bitcoin",
                                     "stratum-v2",
                                     "ethereumstratum-1",
                                     "ethereumstratum-2",
                                     "eth-proxy",
                                     "kawpow",
                                     "zcash",
                                     "beam",
                                     "grin",
                                     "iron-fish",
                                     "browser",
                                     "getwork",
                                     "getblocktemplate",
                                     "eth-getwork",
                                     "monero-daemon"};
    static const std::array messages{"login",  "job",        "submit",    "keepalive", "subscribe",
                                     "notify", "authorize",  "configure", "hello",     "set",
                                     "work",   "set_target", "hashrate",  "get_work",  "height"};
    Observation made =
        call(*rc::gen::elementOf(dialects), *rc::gen::elementOf(messages),
             *rc::gen::element<std::int64_t>(0, 1, 3, 400), *rc::gen::arbitrary<bool>());
    made.entity = *rc::gen::inRange<std::int64_t>(1, 50);
    made.set(field::sent, *rc::gen::arbitrary<bool>());
    made.set(field::role, std::string(*rc::gen::element("client", "server")));
    made.set(field::wallet, std::string(*rc::gen::element("monero", "other", "none")));
    made.set(field::algorithms, *rc::gen::inRange<std::int64_t>(0, 9));
    if (*rc::gen::arbitrary<bool>()) made.set(field::software, std::string("XMRig"));
    return made;
}

Observation any_session_without_conversation() {
    Observation made = observe(ObservationType::stratum_session,
                               {{"dialect", text("monero")},
                                {"role", text(*rc::gen::element("client", "server"))},
                                {"age_s", integer(600)},
                                {"client_messages", integer(*rc::gen::inRange(0, 50))},
                                {"server_messages", integer(*rc::gen::inRange(0, 50))},
                                {"submits", integer(*rc::gen::inRange(0, 50))},
                                {"conversation", false}});
    made.entity = *rc::gen::inRange<std::int64_t>(1, 50);
    return made;
}

RC_GTEST_FIXTURE_PROP(ShippedDialects, WordsAreNeverMoreThanASuspicion, ()) {
    Engine engine = test::new_engine(test::shipped_rules());
    for (int window = 0; window < 3; ++window) {
        for (int i = *rc::gen::inRange(0, 60); i > 0; --i)
            engine.observe(image(7), any_unanswered_message());
        engine.judge_news();
        for (int i = *rc::gen::inRange(0, 5); i > 0; --i)
            engine.observe(image(7), any_session_without_conversation());
        engine.end_window();
        for (const VerdictRecord& change : engine.take_changes())
            if (change.activity.name().starts_with("mining"))
                RC_ASSERT(change.verdict.certainty <= Certainty::suspected);
    }
}

TEST_F(ShippedDialects, ANodeThatAnswersMinersIsNotAPool) {
    Observation served = call("getblocktemplate", "get_work", 9);
    served.set(stratum_message::role, std::string("server"));
    Observation answer = call("getblocktemplate", "work");
    answer.set(stratum_message::role, std::string("server"));
    const auto found = after({served, answer});
    EXPECT_TRUE(found.contains("node.rpc"));
    for (const auto& [activity, certainty] : found)
        EXPECT_FALSE(activity.starts_with("mining")) << activity;
}

} // namespace
} // namespace minewarden::rules
