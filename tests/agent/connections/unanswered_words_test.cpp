// SPDX-License-Identifier: Apache-2.0
#include "common/file.h"
#include "rules/engine/engine.h"
#include "tests/agent/connections/connection_events.h"
#include "tests/rules/support/dialects.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// Whatever is only sent or only received, on however many connections, the shipped rules make no
/// more of it than a suspicion.
namespace minewarden::agent {
namespace {

using namespace connection_events;
namespace test = rules::test;

std::shared_ptr<const rules::RuleSet> shipped_rules() {
    const std::vector<std::filesystem::path> paths{MINEWARDEN_SOURCE_DIR "/rules/packs"};
    auto files = read_yaml_files(paths, yaml::maximum_bytes);
    EXPECT_TRUE(files);
    auto rules = rules::RuleSet::load(std::move(*files));
    EXPECT_TRUE(rules);
    return *rules;
}

const std::vector<std::string>& lines() {
    static const std::vector<std::string> all{
        test::monero::login_new,     test::monero::login_old,
        test::monero::login_reply,   test::monero::job,
        test::monero::submit,        test::monero::keepalived,
        test::bitcoin::subscribe,    test::bitcoin::subscribe_reply,
        test::bitcoin::authorize,    test::bitcoin::set_difficulty,
        test::bitcoin::notify,       test::bitcoin::submit,
        test::nicehash::subscribe,   test::nicehash::notify,
        test::nicehash::submit,      test::stratum_2::hello,
        test::stratum_2::set,        test::stratum_2::submit,
        test::eth_proxy::login,      test::eth_proxy::work,
        test::eth_proxy::submit,     test::kawpow::notify,
        test::kawpow::submit,        R"({"id":1,"result":true,"error":null})",
        R"({"id":2,"result":false})"};
    return all;
}

/// One connection of process 42 on which one end says lines and the other is silent.
void say_lines(TestConnections& connections, rules::Engine& engine, std::uint64_t flow) {
    const auto observe = [&](Observations observations) {
        for (ProcessObservation& each : observations)
            engine.observe(each.image, std::move(each.observation));
    };
    observe(connections.on_open(open_event(flow)));
    const auto direction = *rc::gen::element(abi::FLOW_SENT, abi::FLOW_RECEIVED);
    std::uint32_t at = 0;
    for (int i = *rc::gen::inRange(1, 8); i > 0; --i) {
        const std::string line = *rc::gen::elementOf(lines()) + "\n";
        observe(payload(connections, flow, at, line, direction));
        at += static_cast<std::uint32_t>(line.size());
    }
    observe(connections.conversations({300 * second}));
    engine.judge_news();
    observe(connections.sessions({300 * second}));
}

RC_GTEST_PROP(UnansweredWords, AreNeverMoreThanASuspicion, ()) {
    static const auto rules = shipped_rules();
    TestConnections connections;
    rules::Engine engine(rules, {}, std::chrono::seconds(10));
    for (std::uint64_t flow = 1; flow <= 3; ++flow) {
        say_lines(connections, engine, flow);
        engine.end_window();
    }
    for (const rules::VerdictRecord& change : engine.take_changes())
        RC_ASSERT(change.verdict.certainty <= rules::Certainty::suspected);
}

} // namespace
} // namespace minewarden::agent
