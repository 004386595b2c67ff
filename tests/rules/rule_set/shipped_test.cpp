// SPDX-License-Identifier: Apache-2.0
#include "common/file.h"
#include "rules/rule_set/rule_set.h"

#include <gtest/gtest.h>

#include <set>

/// The packs of rules/packs.
namespace minewarden::rules {
namespace {

class ShippedPacks : public ::testing::Test {
  protected:
    void SetUp() override {
        const std::vector<std::filesystem::path> paths{MINEWARDEN_SOURCE_DIR "/rules/packs"};
        auto files = read_yaml_files(paths, yaml::maximum_bytes);
        ASSERT_TRUE(files) << files.error().message;
        ASSERT_FALSE(files->empty());
        auto rules = RuleSet::load(*files);
        ASSERT_TRUE(rules) << yaml::to_error(rules.error()).message;
        rules_ = *rules;
    }
    std::shared_ptr<const RuleSet> rules_;
};

TEST_F(ShippedPacks, Load) {
    EXPECT_FALSE(rules_->rules().empty());
    EXPECT_FALSE(rules_->packs().empty());
}

TEST_F(ShippedPacks, NameTheirSources) {
    for (const PackInfo& pack : rules_->packs()) EXPECT_FALSE(pack.sources.empty()) << pack.id;
}

TEST_F(ShippedPacks, ExplainInBothLanguagesWithTheSameValues) {
    const auto places = [](const std::string& text) {
        std::multiset<std::string> names;
        for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1))
            names.insert(text.substr(at, text.find('}', at) - at));
        return names;
    };
    for (const Rule& rule : rules_->rules()) {
        EXPECT_EQ(places(rule.explanation.en), places(rule.explanation.zh)) << rule.id;
        EXPECT_NE(rule.explanation.en, rule.explanation.zh) << rule.id;
        EXPECT_NE(rule.title.en, rule.title.zh) << rule.id;
    }
}

TEST_F(ShippedPacks, EveryRuleHasAWeight) {
    for (const Rule& rule : rules_->rules()) {
        EXPECT_FALSE(rule.weights.empty()) << rule.id;
        for (const Weight& weight : rule.weights) EXPECT_NE(weight.milli_nats, 0) << rule.id;
    }
}

// A process can choose its name, so a name is not evidence.
TEST_F(ShippedPacks, NoRuleUsesTheNameOfACommand) {
    for (const RuleToTry& each : rules_->rules_on(ObservationType::process_exec))
        for (const Weight& weight : each.rule->weights)
            EXPECT_LE(weight.milli_nats, 0) << each.rule->id;
}

TEST_F(ShippedPacks, TechniquesAreAttackIds) {
    for (const Rule& rule : rules_->rules())
        for (const std::string& technique : rule.attack) {
            EXPECT_GE(technique.size(), 5U) << rule.id;
            EXPECT_EQ(technique[0], 'T') << rule.id;
        }
}

} // namespace
} // namespace minewarden::rules
