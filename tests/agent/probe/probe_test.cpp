// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/probe.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace minewarden::agent {
namespace {

const std::vector<Capability> mixed{
    {.name = "ring-buffer", .purpose = "every source", .source = "a way of its own"},
    {.name = "dns-owner",
     .purpose = "names",
     .coverage = Coverage::partial,
     .problem = "no IPv6",
     .remedy = "build it with IPv6"},
    {.name = "fp-mode",
     .purpose = "RandomX",
     .coverage = Coverage::none,
     .problem = "the \"verifier\" said no",
     .remedy = "use x86_64"}};

TEST(Probe, PrintsProblemAndRemedyOfMissingCapabilities) {
    const std::string table = to_table(mixed);
    EXPECT_NE(table.find("problem: the \"verifier\" said no"), std::string::npos);
    EXPECT_NE(table.find("what helps: use x86_64"), std::string::npos);
    EXPECT_NE(table.find("by a way of its own"), std::string::npos);
    EXPECT_EQ(table.find("Everything works"), std::string::npos);
}

TEST(Probe, PrintsThatNothingIsMissing) {
    EXPECT_NE(to_table({mixed.front()}).find("Everything works here."), std::string::npos);
}

TEST(Probe, PrintsAllFieldsAsJson) {
    const auto json = nlohmann::json::parse(to_json(mixed));
    const auto& list = json["capabilities"];
    ASSERT_EQ(list.size(), 3u);
    EXPECT_EQ(list[0]["verdict"], "works");
    EXPECT_EQ(list[0]["source"], "a way of its own");
    EXPECT_EQ(list[1]["verdict"], "degraded");
    EXPECT_EQ(list[1]["problem"], "no IPv6");
    EXPECT_EQ(list[2]["verdict"], "missing");
    EXPECT_EQ(list[2]["capability"], "fp-mode");
    EXPECT_EQ(list[2]["needed_by"], "RandomX");
    EXPECT_EQ(list[2]["remedy"], "use x86_64");
    EXPECT_EQ(list[2]["source"], "");
    EXPECT_TRUE(json["kernel"].is_string());
}

} // namespace
} // namespace minewarden::agent
