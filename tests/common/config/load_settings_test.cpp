// SPDX-License-Identifier: Apache-2.0
#include "common/config/settings.h"
#include "tests/common/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace minewarden {
namespace {

class LoadSettings : public ::testing::Test {
  protected:
    LoadSettings() {
        sources_.vendor_file = directory_ / "vendor/minewarden.yaml";
        sources_.main_file = directory_ / "etc/minewarden.yaml";
    }
    void vendor(std::string_view content) { directory_.write("vendor/minewarden.yaml", content); }
    void main_file(std::string_view content) { directory_.write("etc/minewarden.yaml", content); }
    void drop_in(const std::string& name, std::string_view content) {
        directory_.write("etc/conf.d/" + name, content);
    }
    Settings load() {
        auto settings = load_settings(sources_);
        EXPECT_TRUE(settings) << (settings ? "" : settings.error().message);
        return settings ? *settings : Settings();
    }
    /// The message of the error that loading must return.
    std::string problem() {
        const auto settings = load_settings(sources_);
        EXPECT_FALSE(settings);
        if (settings) return "";
        EXPECT_EQ(settings.error().kind, ErrorKind::config);
        return settings.error().message;
    }
    void expect_problem(const std::vector<std::string>& parts) {
        const std::string message = problem();
        for (const std::string& part : parts)
            EXPECT_NE(message.find(part), std::string::npos) << part << " in:\n" << message;
    }
    [[nodiscard]] std::string main_at(const std::string& place) const {
        return sources_.main_file.string() + ":" + place + ":";
    }

    test::TemporaryDirectory directory_;
    SettingSources sources_;
};

TEST_F(LoadSettings, UsesDefaultsWithoutSources) {
    const Settings settings = load();
    EXPECT_EQ(settings.text(Setting::log_level), "info");
    EXPECT_EQ(settings.origin(Setting::log_level), "default");
}

TEST_F(LoadSettings, EachLayerOverridesThePreviousOne) {
    const auto level = [this] { return load().text(Setting::log_level); };
    EXPECT_EQ(level(), "info");
    vendor("log: {level: debug}\n");
    EXPECT_EQ(level(), "debug");
    main_file("log:\n  level: warn\n");
    EXPECT_EQ(level(), "warn");
    drop_in("10-first.yaml", "log:\n  level: error\n");
    EXPECT_EQ(level(), "error");
    drop_in("20-second.yaml", "log:\n  level: debug\n");
    EXPECT_EQ(level(), "debug");
    sources_.environment = {"MINEWARDEN_LOG_LEVEL=warn"};
    EXPECT_EQ(level(), "warn");
    sources_.overrides = {"log.level=error"};
    EXPECT_EQ(level(), "error");
    sources_.overrides.emplace_back("log.level=info");
    EXPECT_EQ(level(), "info") << "the last -o counts";
}

TEST_F(LoadSettings, MergesLayersByKey) {
    vendor("log: {level: debug, format: json}\n");
    main_file("log: {level: warn}\n");
    const Settings settings = load();
    EXPECT_EQ(settings.text(Setting::log_level), "warn");
    EXPECT_EQ(settings.text(Setting::log_format), "json");
}

TEST_F(LoadSettings, OriginsNameTheSource) {
    main_file("log:\n  level: warn\n");
    sources_.environment = {"MINEWARDEN_AGENT_WINDOW=5s"};
    sources_.overrides = {"agent.output=jsonl"};
    const Settings settings = load();
    EXPECT_EQ(settings.origin(Setting::log_level).rfind(main_at("2"), 0), 0U)
        << settings.origin(Setting::log_level);
    EXPECT_EQ(settings.origin(Setting::agent_window), "MINEWARDEN_AGENT_WINDOW");
    EXPECT_EQ(settings.origin(Setting::agent_output), "-o");
    EXPECT_EQ(settings.origin(Setting::log_format), "default");
}

TEST_F(LoadSettings, ReadsOnlyYamlFilesAsDropIns) {
    drop_in("10.yaml.bak", "log: {level: debug}\n");
    drop_in("10.yaml~", "not yaml: [\n");
    drop_in("README", "not yaml: [\n");
    EXPECT_EQ(load().text(Setting::log_level), "info");
}

TEST_F(LoadSettings, ReadsDropInsWithoutAMainFile) {
    drop_in("x.yaml", "log: {level: debug}\n");
    EXPECT_EQ(load().text(Setting::log_level), "debug");
}

TEST_F(LoadSettings, MapsVariablesToKeysWithUnderscores) {
    sources_.environment = {"MINEWARDEN_AGENT_COLLECTOR_KEY=/k.pub",
                            "MINEWARDEN_AGENT_COLLECTOR=ipc:///c", "MINEWARDEN_AGENT_KEY=/a.key",
                            "MINEWARDEN_AGENT_OUTBOX_LIMIT=2M"};
    const Settings settings = load();
    EXPECT_EQ(settings.text(Setting::agent_collector_key), "/k.pub");
    EXPECT_EQ(settings.list(Setting::agent_collector), std::vector<std::string>{"ipc:///c"});
    EXPECT_EQ(settings.text(Setting::agent_key), "/a.key");
    EXPECT_EQ(settings.size(Setting::agent_outbox_limit), 2ULL << 20);
}

TEST_F(LoadSettings, IgnoresOtherVariables) {
    sources_.environment = {"PATH=/bin",
                            "LOG_LEVEL=debug",
                            "MINEWARDEN=x",
                            "minewarden_log_level=debug",
                            "XMINEWARDEN_LOG_LEVEL=debug",
                            "",
                            "=",
                            "NOVALUE"};
    EXPECT_EQ(load().text(Setting::log_level), "info");
}

TEST_F(LoadSettings, ReportsAnUnknownVariable) {
    sources_.environment = {"MINEWARDEN_LOG_LEVLE=debug"};
    expect_problem({"MINEWARDEN_LOG_LEVLE", "did you mean", "log.level"});
}

TEST_F(LoadSettings, ReportsAnInvalidVariable) {
    sources_.environment = {"MINEWARDEN_LOG_LEVEL=loud"};
    expect_problem({"MINEWARDEN_LOG_LEVEL", "debug"});
}

TEST_F(LoadSettings, ReportsAnInvalidOverride) {
    for (const char* text :
         {"log.level=loud", "log.levle=info", "log.level", "=info", "", "log=info"}) {
        sources_.overrides = {text};
        const auto settings = load_settings(sources_);
        ASSERT_FALSE(settings) << text;
        EXPECT_NE(settings.error().message.find("-o"), std::string::npos)
            << settings.error().message;
    }
}

TEST_F(LoadSettings, AcceptsEqualSignsInAnOverride) {
    sources_.overrides = {"state.dir=/a=b"};
    EXPECT_EQ(load().path(Setting::state_dir), "/a=b");
}

TEST_F(LoadSettings, ReadsListsFromSequences) {
    main_file("agent:\n  rules: [/one, /two]\n");
    EXPECT_EQ(load().paths(Setting::agent_rules),
              (std::vector<std::filesystem::path>{"/one", "/two"}));
}

TEST_F(LoadSettings, DoesNotSplitItemsOfASequence) {
    main_file("agent:\n  rules: [\"/with:colon\"]\n");
    const auto settings = load_settings(sources_);
    if (!settings) return; // refusing it is also correct
    EXPECT_EQ(settings->paths(Setting::agent_rules),
              std::vector<std::filesystem::path>{"/with:colon"});
}

TEST_F(LoadSettings, ReportsAnUnknownKeyWithItsPosition) {
    main_file("log:\n  level: info\n  fromat: json\n");
    expect_problem({main_at("3:3"), "log.fromat", "did you mean \"log.format\"?"});
}

TEST_F(LoadSettings, ReportsAnUnknownSectionWithItsPosition) {
    main_file("log:\n  level: info\nagnet:\n  window: 5s\n");
    expect_problem({sources_.main_file.string() + ":", "agnet", "agent"});
}

TEST_F(LoadSettings, ReportsADuplicateKeyWithItsPosition) {
    main_file("log:\n  level: info\n  level: warn\n");
    expect_problem({main_at("3:3"), "level"});
}

TEST_F(LoadSettings, ReportsAnInvalidValueWithItsPosition) {
    main_file("agent:\n  window: fast\n");
    expect_problem({main_at("2"), "agent.window"});
}

TEST_F(LoadSettings, RefusesAMapInsteadOfAValue) {
    main_file("log:\n  level: {a: b}\n");
    expect_problem({main_at("2"), "log.level"});
}

TEST_F(LoadSettings, RefusesASequenceInsteadOfAValue) {
    main_file("log:\n  level: [debug]\n");
    expect_problem({main_at("2"), "log.level"});
    main_file("state:\n  dir: [/a, /b]\n");
    expect_problem({main_at("2"), "state.dir"});
}

TEST_F(LoadSettings, RefusesAValueInsteadOfASection) {
    main_file("log: debug\n");
    expect_problem({sources_.main_file.string() + ":1:", "log"});
}

TEST_F(LoadSettings, RefusesAFileThatIsNotAMap) {
    main_file("- log\n");
    expect_problem({main_at("1:1")});
}

TEST_F(LoadSettings, ReportsTheNameOfADropIn) {
    drop_in("50-bad.yaml", "log: {level: [}\n");
    ASSERT_EQ(load().problems().size(), 1u);
    EXPECT_NE(load().problems()[0].find("50-bad.yaml:1:"), std::string::npos);
}

TEST_F(LoadSettings, ABadDropInIsLeftOutWholeAndTheOthersHold) {
    drop_in("10-good.yml", "log: {level: debug}\n");
    drop_in("20-bad.yaml", "log: {level: error, colour: red}\n");
    drop_in("30-good.yaml", "log: {format: json}\n");
    drop_in("40.conf", "log: {level: error}\n");
    std::filesystem::create_symlink("nowhere", directory_ / "etc/conf.d/50-dangling.yaml");
    std::filesystem::create_symlink("root@host.1:2", directory_ / "etc/conf.d/.#10-good.yml");
    const Settings settings = load();
    EXPECT_EQ(settings.text(Setting::log_level), "debug");
    EXPECT_EQ(settings.text(Setting::log_format), "json");
    ASSERT_EQ(settings.problems().size(), 3u);
    EXPECT_NE(settings.problems()[0].find("20-bad.yaml:1:"), std::string::npos);
    EXPECT_NE(settings.problems()[1].find("50-dangling.yaml"), std::string::npos);
    EXPECT_NE(settings.problems()[2].find("40.conf: not read"), std::string::npos);
}

TEST_F(LoadSettings, ReportsTheNameOfTheVendorFile) {
    vendor("log: {colour: red}\n");
    expect_problem({"vendor/minewarden.yaml:1:7:", "log.colour"});
}

TEST_F(LoadSettings, RefusesAMissingFileThatTheUserNamed) {
    sources_.main_file_required = true;
    expect_problem({sources_.main_file.string()});
    main_file("");
    EXPECT_TRUE(load_settings(sources_));
}

TEST_F(LoadSettings, RefusesADirectoryInsteadOfAFile) {
    std::filesystem::create_directories(sources_.main_file);
    expect_problem({sources_.main_file.string()});
}

TEST_F(LoadSettings, AnEmptyFileChangesNothing) {
    main_file("");
    EXPECT_EQ(load().text(Setting::log_level), "info");
}

TEST(ProcessEnvironment, HasAllVariables) {
    ::setenv("MINEWARDEN_TEST_ONLY", "x y=z", 1);
    const auto environment = process_environment();
    ::unsetenv("MINEWARDEN_TEST_ONLY");
    EXPECT_NE(std::ranges::find(environment, "MINEWARDEN_TEST_ONLY=x y=z"), environment.end());
}

} // namespace
} // namespace minewarden
