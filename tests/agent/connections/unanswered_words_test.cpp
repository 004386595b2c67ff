// SPDX-License-Identifier: Apache-2.0
#include "common/file.h"
#include "rules/engine/engine.h"
#include "tests/agent/connections/connection_events.h"
#include "tests/rules/support/stratum_v2.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// Mining messages that were only sent or only received are a suspicion at most, on any number of
/// connections.
namespace minewarden::agent {
namespace {

using namespace connection_events;

std::shared_ptr<const rules::RuleSet> shipped_rules() {
    const std::vector<std::filesystem::path> paths{MINEWARDEN_SOURCE_DIR "/rules/packs"};
    auto files = read_yaml_files(paths, yaml::maximum_bytes);
    EXPECT_TRUE(files);
    auto rules = rules::RuleSet::load(std::move(*files));
    EXPECT_TRUE(rules);
    return *rules;
}

/// Lines of every dialect, from miners and from pools, and answers to anything.
const std::vector<std::string>& lines() {
    using namespace rules::test;
    static const std::vector<std::string> all{
        monero::login_new,
        monero::login_old,
        monero::login_reply,
        monero::job,
        monero::submit,
        monero::keepalived,
        bitcoin::subscribe,
        bitcoin::subscribe_reply,
        bitcoin::authorize,
        bitcoin::set_difficulty,
        bitcoin::notify,
        bitcoin::submit,
        nicehash::subscribe,
        nicehash::subscribe_reply,
        nicehash::notify,
        nicehash::submit,
        stratum_2::hello,
        stratum_2::hello_reply,
        stratum_2::set,
        stratum_2::notify,
        stratum_2::submit,
        eth_proxy::login,
        eth_proxy::get_work,
        eth_proxy::work,
        eth_proxy::submit,
        kawpow::notify,
        kawpow::submit,
        zcash::subscribe,
        zcash::set_target,
        zcash::notify,
        zcash::submit,
        beam::login,
        beam::job,
        beam::submit,
        grin::ask,
        grin::job,
        grin::answer,
        grin::submit(42),
        iron_fish::subscribe,
        iron_fish::subscribed,
        iron_fish::set_target,
        iron_fish::notify,
        iron_fish::submit,
        webminerpool::handshake,
        webminerpool::job,
        webminerpool::solved,
        browser::login,
        browser::job,
        browser::submit,
        R"({"id":1,"result":true,"error":null})",
        R"({"id":2,"result":false})",
        R"({"id":4,"jsonrpc":"2.0","error":{"code":-1,"message":"Low difficulty share"}})",
        R"({"type":"hash_accepted","params":{"hashes":256}})"};
    return all;
}

const std::vector<std::string>& calls_of_nodes() {
    using namespace rules::test;
    static const std::vector<std::string> all{
        http_post(node::getwork),
        http_ok(node::getwork_reply),
        http_post(node::getwork_submit),
        http_post(node::block_template),
        http_ok(node::block_template_reply),
        http_post(node::submit_block),
        http_post(node::monero_template),
        http_ok(node::monero_template_reply),
        http_post(node::monero_submit),
        http_post(eth_proxy::get_work),
        http_ok(eth_proxy::work),
        http_post(eth_proxy::submit),
        http_post(node::getwork, "X-Mining-Extensions: midstate\r\n")};
    return all;
}

const std::vector<std::string>& frames_of_stratum_v2() {
    using namespace rules::test::v2;
    static const std::vector<std::string> all{client(), server(), submit(), job(), previous_hash()};
    return all;
}

/// The pieces of one end's stream: lines, alone or in a transport that their end has asked for or
/// agreed to, calls of nodes, or frames.
std::vector<std::string> any_pieces() {
    using namespace rules::test;
    enum { plain, websocket, tunnel, http, frames };
    const int form = *rc::gen::element<int>(plain, plain, plain, websocket, tunnel, http, frames);
    std::vector<std::string> pieces;
    if (form == websocket) pieces.push_back(*rc::gen::element(upgrade_request, upgrade_reply));
    if (form == tunnel)
        pieces.push_back(
            *rc::gen::element(connect_request, connect_reply, socks_client, socks_server));
    for (int i = *rc::gen::inRange(1, 12); i > 0; --i) {
        if (form == http)
            pieces.push_back(*rc::gen::elementOf(calls_of_nodes()));
        else if (form == frames)
            pieces.push_back(*rc::gen::elementOf(frames_of_stratum_v2()));
        else if (form == websocket)
            pieces.push_back(
                frame(*rc::gen::elementOf(lines()), *rc::gen::element<std::string>("", "abcd")));
        else
            pieces.push_back(*rc::gen::elementOf(lines()) + "\n");
    }
    return pieces;
}

/// What a peer says that does not know mining: nothing, or a refusal of its own protocol.
std::string any_refusal() {
    return *rc::gen::element<std::string>(
        "", "HTTP/1.1 400 Bad Request\r\nContent-Length: 11\r\n\r\nBad Request",
        "220 mail.test ESMTP\r\n500 unrecognized command\r\n",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32601,\"message\":\"Method not "
        "found\"}}\n");
}

/// One connection of process 42 on which one end says mining words and the other none.
void speak_one_way(TestConnections& connections, rules::Engine& engine, std::uint64_t flow) {
    const auto observe = [&](Observations observations) {
        for (ProcessObservation& each : observations)
            engine.observe(each.image, std::move(each.observation));
    };
    const auto flags = *rc::gen::element<std::uint32_t>(
        abi::FLOW_ESTABLISHED, abi::FLOW_ESTABLISHED | abi::FLOW_IN_MIDDLE);
    observe(connections.on_open(open_event(flow, flags)));
    const auto direction = *rc::gen::element(abi::FLOW_SENT, abi::FLOW_RECEIVED);
    std::uint32_t at = 0;
    for (const std::string& piece : any_pieces()) {
        observe(payload(connections, flow, at, piece, direction));
        at += static_cast<std::uint32_t>(piece.size());
    }
    observe(payload(connections, flow, 0, any_refusal(),
                    direction == abi::FLOW_SENT ? abi::FLOW_RECEIVED : abi::FLOW_SENT));
    observe(connections.conversations({300 * second}));
    engine.judge_news();
    observe(connections.sessions({300 * second}));
}

RC_GTEST_PROP(UnansweredWords, AreNeverMoreThanASuspicion, ()) {
    static const auto rules = shipped_rules();
    TestConnections connections;
    rules::Engine engine(rules, {}, std::chrono::seconds(10));
    for (std::uint64_t flow = 1; flow <= 4; ++flow) {
        speak_one_way(connections, engine, flow);
        engine.end_window();
    }
    for (const rules::VerdictRecord& change : engine.take_changes())
        RC_ASSERT(change.verdict.certainty <= rules::Certainty::suspected);
}

} // namespace
} // namespace minewarden::agent
