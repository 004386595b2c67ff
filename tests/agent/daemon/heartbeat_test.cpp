// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/heartbeat.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

TEST(Heartbeat, ListsThePlacesThatWereCounted) {
    AgentState state;
    state.kernel_errors.push_back({"EXEC_RING_FULL", abi::ERROR_LOST, "lost", 3});
    state.counts[Place::flow_forgotten] = 7;
    const wire::Heartbeat heartbeat = make_heartbeat(state);
    ASSERT_EQ(heartbeat.drops_size(), 2);
    EXPECT_EQ(heartbeat.drops(0).place(), "EXEC_RING_FULL");
    EXPECT_EQ(heartbeat.drops(0).count(), 3U);
    EXPECT_EQ(heartbeat.drops(1).place(), "FLOW_FORGOTTEN");
    EXPECT_EQ(heartbeat.drops(1).count(), 7U);
}

TEST(Heartbeat, ListsAllCapabilitiesWithTheirProblems) {
    AgentState state;
    state.capabilities = {{.name = "works", .purpose = "", .source = "a tracepoint"},
                          {.name = "degraded",
                           .purpose = "",
                           .coverage = Coverage::partial,
                           .problem = "half is missing",
                           .remedy = "a newer kernel"},
                          {.name = "missing", .purpose = "", .coverage = Coverage::none}};
    const wire::Heartbeat heartbeat = make_heartbeat(state);
    ASSERT_EQ(heartbeat.capabilities_size(), 3);
    EXPECT_TRUE(heartbeat.capabilities(0).working());
    EXPECT_EQ(heartbeat.capabilities(0).source(), "a tracepoint");
    EXPECT_EQ(heartbeat.capabilities(0).problem(), "");
    EXPECT_TRUE(heartbeat.capabilities(1).working());
    EXPECT_EQ(heartbeat.capabilities(1).problem(), "half is missing. What helps: a newer kernel");
    EXPECT_FALSE(heartbeat.capabilities(2).working());
}

TEST(Heartbeat, ReportsTheAgentAndItsCost) {
    AgentState state;
    state.uptime_ns = 5;
    state.rule_set.bytes.fill(0xab);
    state.windows = 6;
    state.open_findings = 7;
    const wire::Heartbeat heartbeat = make_heartbeat(state);
    EXPECT_EQ(heartbeat.uptime_ns(), 5U);
    EXPECT_EQ(heartbeat.rule_set(), std::string(32, '\xab'));
    EXPECT_EQ(heartbeat.windows(), 6U);
    EXPECT_EQ(heartbeat.open_findings(), 7U);
    EXPECT_GT(heartbeat.own_cpu_ns(), 0U);
    EXPECT_GT(heartbeat.own_resident_bytes(), 0U);
}

} // namespace
} // namespace minewarden::agent
