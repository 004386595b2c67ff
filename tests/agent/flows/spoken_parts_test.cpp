// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/spoken_parts.h"
#include "tests/agent/flows/flow_events.h"

#include <gtest/gtest.h>

/// Who is the miner and who the pool of a connection, and who only tells of them.
namespace minewarden::agent {
namespace {

using namespace flow_events;
using enum rules::Direction;

const std::string job = R"({"jsonrpc":"2.0","method":"job","params":{"blob":")" +
                        std::string(152, '0') + R"(","job_id":"j","target":"b88d0600"}})" + "\n";

/// "s" and "r" for sent and received, "m" and "p" for the miner's part and the pool's.
MiningRole role_after(std::string_view said) {
    SpokenParts parts;
    for (std::size_t i = 0; i + 1 < said.size(); i += 2)
        parts.add(said[i] == 's' ? sent : received,
                  said[i + 1] == 'm' ? rules::StratumSide::client : rules::StratumSide::server);
    return parts.role();
}

TEST(SpokenParts, OfASessionAndOfItsBegin) {
    for (const char* said : {"sm", "rp", "smrp", "rpsmsm"})
        EXPECT_EQ(role_after(said), MiningRole::client) << said;
    for (const char* said : {"sp", "rm", "rmsp", "spsprm"})
        EXPECT_EQ(role_after(said), MiningRole::server) << said;
}

TEST(SpokenParts, OfALogACopyAndAnEcho) {
    for (const char* said : {"smsp", "rmrp", "smsprmrp", "smrm", "sprp"})
        EXPECT_EQ(role_after(said), MiningRole::other) << said;
}

TEST(SpokenParts, AWordOfTheOtherPartHidesNobody) {
    EXPECT_EQ(role_after("smsprp"), MiningRole::client);
    EXPECT_EQ(role_after("sprmsm"), MiningRole::server);
    EXPECT_EQ(role_after("smrprm"), MiningRole::client);
}

TEST(Transcript, InOnePieceSaysNothing) {
    for (const abi::flow_direction direction : {abi::FLOW_SENT, abi::FLOW_RECEIVED}) {
        FlowTable flows;
        flows.on_open(open_event(1));
        EXPECT_TRUE(payload(flows, 1, 0, login + job, direction).empty());
        EXPECT_TRUE(flows.sessions({160 * second}).empty());
    }
}

TEST(Transcript, TakesBackWhatItsFirstLineSaid) {
    namespace field = rules::stratum_message;
    FlowTable flows;
    flows.on_open(open_event(1));
    ASSERT_EQ(payload(flows, 1, 0, login).size(), 1U);
    const auto offset = static_cast<std::uint32_t>(login.size());
    const auto said = payload(flows, 1, offset, job);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(text(said[0].observation, field::message), "transcript");
    EXPECT_EQ(text(said[0].observation, field::role), "other");
    const auto sessions = flows.sessions({160 * second});
    ASSERT_EQ(sessions.size(), 1U);
    EXPECT_EQ(text(sessions[0].observation, rules::stratum_session::role), "other");
    // The pool does answer: it was a miner that said a word too many.
    ASSERT_EQ(payload(flows, 1, 0, job, abi::FLOW_RECEIVED).size(), 1U);
    EXPECT_EQ(text(flows.sessions({160 * second})[0].observation, rules::stratum_session::role),
              "client");
}

TEST(Transcript, WhoAcceptsOneIsNotAskedFor) {
    FlowTable flows;
    flows.on_open(unowned_event(1));
    EXPECT_TRUE(payload(flows, 1, 0, login, abi::FLOW_RECEIVED).empty());
    const auto offset = static_cast<std::uint32_t>(login.size());
    EXPECT_TRUE(payload(flows, 1, offset, job, abi::FLOW_RECEIVED).empty());
    const abi::flow_holder_record holder{.holder = {second, 1, 43, 0}, .flow_id = 1};
    flows.on_holders(std::span(&holder, 1));
    EXPECT_TRUE(flows.settle_holders(true, {}).empty());
    EXPECT_TRUE(flows.sessions({160 * second}).empty());
}

} // namespace
} // namespace minewarden::agent
