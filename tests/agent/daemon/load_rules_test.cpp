// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/good_files.h"
#include "agent/daemon/load_indicators.h"
#include "agent/daemon/load_rules.h"
#include "tests/common/support/temporary_directory.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

namespace fs = std::filesystem;

std::string rule(const std::string& id, const std::string& field = "message") {
    return "pack: {id: " + id + ", version: \"1\", title: {en: x, zh: 一}}\nrules:\n  - id: " + id +
           ".rule\n    title: {en: x, zh: 一}\n    on: stratum.message\n    condition: " + field +
           " = \"login\"\n    family: protocol\n    weights: {mining.pool.client: 9500}\n"
           "    explain: {en: x, zh: 一}\n";
}

class LoadRules : public ::testing::Test {
  protected:
    LoadRules() {
        EXPECT_TRUE(settings_.set("agent.rules", (directory_ / "rules").string(), "test"));
        EXPECT_TRUE(settings_.set("agent.intel", (directory_ / "intel").string(), "test"));
        directory_.write("rules/good.yaml", rule("good"));
    }
    std::size_t load() {
        problems_.clear();
        const auto rules = load_rules(settings_, {}, problems_);
        EXPECT_TRUE(rules) << (rules ? "" : rules.error().message);
        return rules ? (*rules)->rules().size() : 0;
    }
    [[nodiscard]] std::string problems() const {
        std::string text;
        for (const std::string& problem : problems_) text += problem + "\n";
        return text;
    }

    test::TemporaryDirectory directory_;
    Settings settings_;
    std::vector<std::string> problems_;
};

TEST_F(LoadRules, EveryKindOfBadFileIsLeftOutAndNamed) {
    directory_.write("rules/condition.yaml", rule("condition", "mesage"));
    directory_.write("rules/syntax.yml", "pack: [\n");
    directory_.write("rules/twice.yaml", rule("good"));
    directory_.write("rules/notes.yaml.bak", "x");
    directory_.write("rules/README", "x");
    directory_.write("rules/local.YAML", "x");
    fs::create_directory(directory_ / "rules/folder.yaml");
    fs::create_symlink("nowhere", directory_ / "rules/dangling.yaml");
    fs::create_symlink("root@host.1:2", directory_ / "rules/.#good.yaml");
    EXPECT_EQ(load(), 1u) << problems();
    for (const char* name : {"condition.yaml:6:16", "syntax.yml", "twice.yaml", "local.YAML",
                             "folder.yaml", "dangling.yaml"})
        EXPECT_NE(problems().find(name), std::string::npos) << name << " in:\n" << problems();
    for (const char* name : {".#good", "README", ".bak"})
        EXPECT_EQ(problems().find(name), std::string::npos) << problems();
}

TEST_F(LoadRules, GivenOnTheCommandLineAnyBadFileIsAnError) {
    directory_.write("rules/condition.yaml", rule("condition", "mesage"));
    const std::vector<fs::path> given{directory_ / "rules"};
    const auto rules = load_rules(settings_, given, problems_);
    ASSERT_FALSE(rules);
    EXPECT_EQ(rules.error().kind, ErrorKind::config);
    EXPECT_NE(rules.error().message.find("condition.yaml:6:16"), std::string::npos);
}

TEST_F(LoadRules, AMissingPathIsAProblemAndNoEnd) {
    ASSERT_TRUE(settings_.set_list(
        "agent.rules", {(directory_ / "rules").string(), (directory_ / "none").string()}, "test"));
    EXPECT_EQ(load(), 1u);
    EXPECT_NE(problems().find("none"), std::string::npos);
}

TEST_F(LoadRules, TheContentOfALinkedFileIsNotShown) {
    const fs::path secret = directory_.write("secret", "root:$6$verysecret: [\n");
    fs::create_symlink(secret, directory_ / "rules/link.yaml");
    EXPECT_EQ(load(), 1u);
    EXPECT_NE(problems().find("link.yaml:"), std::string::npos) << problems();
    EXPECT_EQ(problems().find("verysecret"), std::string::npos) << problems();
    directory_.write("secret", "verysecret: {}\n");
    EXPECT_EQ(load(), 1u);
    EXPECT_EQ(problems().find("verysecret"), std::string::npos) << problems();
}

TEST_F(LoadRules, ABadIndicatorListLeavesTheOthersInForce) {
    directory_.write("intel/bad.yaml", "list: [\n");
    const auto lists = load_indicators(settings_, problems_);
    ASSERT_TRUE(lists);
    EXPECT_NE(problems().find("bad.yaml"), std::string::npos);
}

} // namespace
} // namespace minewarden::agent
