// SPDX-License-Identifier: Apache-2.0
#include "common/file.h"
#include "tests/rules/support/engine_runs.h"

#include <gtest/gtest.h>

#include <map>

/// Verdicts of the shipped rules on mining calls and node handshakes.
namespace minewarden::rules {
namespace {

using test::image;
using test::integer;
using test::observe;
using test::text;

Observation call(std::string_view dialect, std::string_view message, std::int64_t requests = 0,
                 bool miner_header = false) {
    return observe(ObservationType::stratum_message,
                   {{"dialect", text(dialect)},
                    {"message", text(message)},
                    {"role", text("client")},
                    {"sent", true},
                    {"miner_header", miner_header},
                    {"work_requests", integer(requests)}},
                   1);
}

Observation handshake(std::string_view network, bool sent, bool serves_chain = true) {
    return observe(ObservationType::node_handshake,
                   {{"network", text(network)}, {"sent", sent}, {"serves_chain", serves_chain}}, 2);
}

class ShippedDialects : public ::testing::Test {
  protected:
    void SetUp() override {
        const std::vector<std::filesystem::path> paths{MINEWARDEN_SOURCE_DIR "/rules/packs"};
        const auto files = read_yaml_files(paths, yaml::maximum_bytes);
        ASSERT_TRUE(files) << files.error().message;
        const auto rules = RuleSet::load(*files);
        ASSERT_TRUE(rules) << yaml::to_error(rules.error()).message;
        rules_ = *rules;
    }
    /// The certainty of each activity after these observations in one window.
    std::map<std::string, Certainty> after(const std::vector<Observation>& observations) {
        Engine engine = test::new_engine(rules_);
        std::map<std::string, Certainty> certainties;
        for (const Observation& observation : observations) engine.observe(image(7), observation);
        engine.judge_news();
        for (const VerdictRecord& change : engine.take_changes())
            certainties[std::string(change.activity.name())] = change.verdict.certainty;
        return certainties;
    }
    Certainty pool_client(const std::vector<Observation>& observations) {
        return after(observations)["mining.pool.client"];
    }

    std::shared_ptr<const RuleSet> rules_;
};

TEST_F(ShippedDialects, TemplatesAreAtMostSuspectedAndSubmitIsProbable) {
    for (const char* dialect : {"getblocktemplate", "monero-daemon"}) {
        EXPECT_EQ(pool_client({call(dialect, "height"), call(dialect, "get_work", 1)}),
                  Certainty::none);
        EXPECT_EQ(pool_client({call(dialect, "get_work", 500)}), Certainty::suspected);
        EXPECT_EQ(pool_client({call(dialect, "get_work", 1, true)}), Certainty::probable);
        EXPECT_EQ(pool_client({call(dialect, "submit")}), Certainty::probable);
    }
}

// Evidence of the first calls and of later calls adds up.
TEST_F(ShippedDialects, PollingTemplatesStaysSuspected) {
    for (const char* dialect : {"getblocktemplate", "monero-daemon"}) {
        std::vector<Observation> polls;
        for (int i = 1; i <= 8; ++i) polls.push_back(call(dialect, "get_work", i));
        EXPECT_EQ(pool_client(polls), Certainty::suspected);
    }
}

TEST_F(ShippedDialects, TryingEveryCallOnceIsAtMostSuspected) {
    EXPECT_EQ(
        pool_client({call("getwork", "get_work", 1), call("getblocktemplate", "get_work", 1)}),
        Certainty::suspected);
}

TEST_F(ShippedDialects, RepeatedGetworkIsProbable) {
    for (const char* dialect : {"getwork", "eth-getwork", "eth-proxy"}) {
        EXPECT_LE(pool_client({call(dialect, "get_work", 1)}), Certainty::suspected);
        EXPECT_EQ(pool_client({call(dialect, "get_work", 3)}), Certainty::probable);
    }
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
    miner.insert(miner.end(), node.begin(), node.end());
    EXPECT_EQ(pool_client(miner), Certainty::probable);
    std::vector<Observation> templates{call("getblocktemplate", "get_work", 500)};
    templates.insert(templates.end(), node.begin(), node.end());
    EXPECT_EQ(pool_client(templates), Certainty::suspected)
        << "the handshake is on another connection";
}

/// The observation with these fields replaced.
Observation with(Observation observation,
                 const std::vector<std::pair<std::size_t, Value>>& fields) {
    for (const auto& [field, value] : fields) observation.set(field, value);
    return observation;
}

TEST_F(ShippedDialects, ALoginWithOnlyASoftwareNameIsSuspectedUntilAJobFollows) {
    namespace field = stratum_message;
    const Observation login =
        with(call("monero", "login"), {{field::wallet, std::string("other")},
                                       {field::software, std::string("AcmeClient")},
                                       {field::algorithms, std::int64_t{0}}});
    EXPECT_EQ(pool_client({login}), Certainty::suspected);
    const Observation job = with(call("monero", "job"), {{field::sent, false}});
    EXPECT_EQ(pool_client({login, job}), Certainty::probable);
    EXPECT_EQ(pool_client({with(login, {{field::algorithms, std::int64_t{5}}})}),
              Certainty::probable);
    EXPECT_EQ(pool_client({call("monero", "submit")}), Certainty::probable);
}

TEST_F(ShippedDialects, AGreetingIsSuspectedUntilTheSessionContinues) {
    for (const char* greeting : {"subscribe", "configure"}) {
        EXPECT_EQ(pool_client({call("bitcoin", greeting)}), Certainty::suspected);
        const Observation answer =
            with(call("bitcoin", "notify"), {{stratum_message::sent, false}});
        EXPECT_EQ(pool_client({call("bitcoin", greeting), answer}), Certainty::probable);
        EXPECT_EQ(pool_client({call("bitcoin", greeting), call("bitcoin", "authorize")}),
                  Certainty::probable);
    }
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
    EXPECT_EQ(after({server("job", true)})["mining.pool.operate"], Certainty::suspected);
}

TEST_F(ShippedDialects, ATranscriptRefutesItsMessages) {
    namespace field = stratum_message;
    const Observation transcript =
        with(call("monero", "transcript"), {{field::role, std::string("other")}});
    const Observation login =
        with(call("monero", "login"), {{field::wallet, std::string("monero")}});
    EXPECT_EQ(pool_client({login, transcript}), Certainty::none);
    EXPECT_EQ(pool_client({call("bitcoin", "authorize"), transcript}), Certainty::none);
    // Shipping a log does not hide a session with a pool.
    const Observation job = with(call("monero", "job"), {{field::sent, false}});
    EXPECT_EQ(pool_client({login, job, call("monero", "submit"), transcript}), Certainty::probable);
}

// Evidence of a login lasts longer than evidence against it, so the latter is repeated in each
// window.
TEST_F(ShippedDialects, ATranscriptRefutesAsLongAsItIsOpen) {
    namespace field = stratum_session;
    Engine engine = test::new_engine(rules_);
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

TEST_F(ShippedDialects, ABeamLoginIsSuspectedAndABeamJobIsProbable) {
    const Observation job = with(call("beam", "job"), {{stratum_message::sent, false}});
    EXPECT_EQ(pool_client({call("beam", "login")}), Certainty::suspected);
    EXPECT_EQ(pool_client({call("beam", "login"), job}), Certainty::probable);
    EXPECT_EQ(pool_client({call("beam", "submit")}), Certainty::probable);
}

TEST_F(ShippedDialects, AGrinJobRequestGivesNoVerdictUntilItIsAnswered) {
    const Observation job = with(call("grin", "job"), {{stratum_message::sent, false}});
    EXPECT_EQ(pool_client({call("grin", "get_work")}), Certainty::none);
    const Observation login =
        with(call("monero", "login"), {{stratum_message::wallet, std::string("other")},
                                       {stratum_message::algorithms, std::int64_t{0}}});
    EXPECT_EQ(pool_client({login}), Certainty::none);
    EXPECT_EQ(pool_client({login, call("grin", "get_work")}), Certainty::suspected);
    EXPECT_EQ(pool_client({call("grin", "get_work"), job}), Certainty::probable);
    EXPECT_EQ(pool_client({call("grin", "submit")}), Certainty::probable);
}

TEST_F(ShippedDialects, AnIronFishGreetingIsSuspectedUntilTheSessionContinues) {
    const Observation work = with(call("iron-fish", "notify"), {{stratum_message::sent, false}});
    EXPECT_EQ(pool_client({call("iron-fish", "subscribe")}), Certainty::suspected);
    EXPECT_EQ(pool_client({call("iron-fish", "subscribe"), work}), Certainty::probable);
    EXPECT_EQ(pool_client({work}), Certainty::suspected);
    EXPECT_EQ(pool_client({work, call("iron-fish", "submit")}), Certainty::probable);
}

TEST_F(ShippedDialects, AStratumV2GreetingIsSuspectedUntilTheSessionContinues) {
    const Observation greeting = call("stratum-v2", "subscribe");
    const Observation answer =
        with(call("stratum-v2", "subscribe"), {{stratum_message::sent, false}});
    EXPECT_EQ(pool_client({greeting}), Certainty::suspected);
    EXPECT_EQ(pool_client({greeting, answer}), Certainty::probable);
    EXPECT_EQ(pool_client({greeting, call("stratum-v2", "authorize")}), Certainty::probable);
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
