// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/probe.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace minewarden::agent {
namespace {

const std::vector<Feature> mixed{
    {"ring-buffer", "every sensor", true, "created", "", "a way of its own"},
    {"fp-mode", "RandomX", false, "the \"verifier\" said no", "use x86_64"}};

TEST(Probe, TheTableGivesCauseAndRemedyOfWhatIsMissing) {
    const std::string table = to_table(mixed);
    EXPECT_NE(table.find("the \"verifier\" said no"), std::string::npos);
    EXPECT_NE(table.find("use x86_64"), std::string::npos);
    EXPECT_NE(table.find("by a way of its own"), std::string::npos);
    EXPECT_EQ(table.find("Every sensor works"), std::string::npos);
}

TEST(Probe, TheTableSaysWhenNothingIsMissing) {
    EXPECT_NE(to_table({mixed.front()}).find("Every sensor works"), std::string::npos);
}

TEST(Probe, JsonHasFeatureNeedVerdictSourceAndRemedy) {
    const auto json = nlohmann::json::parse(to_json(mixed));
    ASSERT_EQ(json["features"].size(), 2u);
    EXPECT_EQ(json["features"][0]["verdict"], "works");
    EXPECT_EQ(json["features"][1]["verdict"], "missing");
    EXPECT_EQ(json["features"][1]["feature"], "fp-mode");
    EXPECT_EQ(json["features"][1]["needed_by"], "RandomX");
    EXPECT_EQ(json["features"][1]["remedy"], "use x86_64");
    EXPECT_EQ(json["features"][0]["source"], "a way of its own");
    EXPECT_EQ(json["features"][1]["source"], "");
    EXPECT_TRUE(json["kernel"].is_string());
}

} // namespace
} // namespace minewarden::agent
