// SPDX-License-Identifier: Apache-2.0
#include "common/config/settings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace minewarden {
namespace {

using namespace std::chrono_literals;

TEST(Settings, DescribesEverySettingOnce) {
    std::set<Setting> settings;
    std::set<std::string_view> names;
    for (const SettingSpec& spec : setting_specs()) {
        EXPECT_TRUE(settings.insert(spec.setting).second) << spec.name;
        EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
        EXPECT_EQ(std::ranges::count(spec.name, '.'), 1) << spec.name;
        EXPECT_FALSE(spec.help.empty()) << spec.name;
    }
    EXPECT_EQ(settings.size(), static_cast<std::size_t>(Setting::count));
}

TEST(Settings, AllDefaultsAreValid) {
    Settings settings;
    for (const SettingSpec& spec : setting_specs()) {
        EXPECT_EQ(settings.text(spec.setting), spec.default_value) << spec.name;
        EXPECT_EQ(settings.origin(spec.setting), "default") << spec.name;
        if (spec.default_value.empty()) continue;
        EXPECT_TRUE(settings.set(spec.name, spec.default_value, "test")) << spec.name;
    }
}

TEST(Settings, KeepsTheOriginOfAValue) {
    Settings settings;
    ASSERT_TRUE(settings.set("log.level", "debug", "here:3:7"));
    EXPECT_EQ(settings.text(Setting::log_level), "debug");
    EXPECT_EQ(settings.origin(Setting::log_level), "here:3:7");
}

TEST(Settings, SuggestsTheClosestName) {
    Settings settings;
    const auto result = settings.set("agent.windw", "10s", "here:3:7");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::config);
    EXPECT_NE(result.error().message.find("here:3:7"), std::string::npos);
    EXPECT_NE(result.error().message.find("agent.windw"), std::string::npos);
    EXPECT_NE(result.error().message.find("did you mean \"agent.window\"?"), std::string::npos)
        << result.error().message;
}

TEST(Settings, RefusalsNameKeyOriginAndExpectation) {
    Settings settings;
    const auto result = settings.set("log.level", "loud", "here:3:7");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::config);
    for (const char* part : {"log.level", "here:3:7", "debug", "error"})
        EXPECT_NE(result.error().message.find(part), std::string::npos) << result.error().message;
    EXPECT_EQ(settings.text(Setting::log_level), "info") << "the old value stays";
    EXPECT_EQ(settings.origin(Setting::log_level), "default");
}

TEST(Settings, AcceptsDurationsWithinTheirRange) {
    Settings settings;
    EXPECT_EQ(settings.duration(Setting::agent_window), 10s);
    ASSERT_TRUE(settings.set("agent.window", "2500ms", "-o"));
    EXPECT_EQ(settings.duration(Setting::agent_window), 2500ms);
    ASSERT_TRUE(settings.set("agent.window", "1m", "-o"));
    EXPECT_EQ(settings.duration(Setting::agent_window), 60s);
    ASSERT_TRUE(settings.set("agent.window", "1s", "-o"));
    for (const char* value : {"999ms", "61s", "0s", "10", "", "ten", "-10s", "10 s", "10s ", "1h",
                              "99999999999999999999s", "9223372036854775807d"})
        EXPECT_FALSE(settings.set("agent.window", value, "-o")) << value;
}

TEST(Settings, AcceptsSizesWithinTheirRange) {
    Settings settings;
    EXPECT_EQ(settings.size(Setting::agent_outbox_limit), 64ULL << 20);
    ASSERT_TRUE(settings.set("agent.outbox_limit", "2G", "-o"));
    EXPECT_EQ(settings.size(Setting::agent_outbox_limit), 2ULL << 30);
    ASSERT_TRUE(settings.set("agent.outbox_limit", "2048K", "-o"));
    EXPECT_EQ(settings.size(Setting::agent_outbox_limit), 2ULL << 20);
    ASSERT_TRUE(settings.set("agent.outbox_limit", "1048576", "-o"));
    EXPECT_EQ(settings.size(Setting::agent_outbox_limit), 1ULL << 20);
    for (const char* value :
         {"1023K", "17G", "0", "", "M", "-64M", "+64M", " 64M", "64 M", "64X", "64MM", "1.5G",
          "0x100000", "99999999999999999999", "18446744073709551615G", "17179869184G"})
        EXPECT_FALSE(settings.set("agent.outbox_limit", value, "-o")) << value;
}

TEST(Settings, AcceptsOnlyExactChoices) {
    Settings settings;
    EXPECT_TRUE(settings.set("agent.output", "jsonl", "-o"));
    for (const char* value : {"", "json", "jsonl ", "JSONL", "text|jsonl", "|"})
        EXPECT_FALSE(settings.set("agent.output", value, "-o")) << value;
}

TEST(Settings, SplitsListsOfPathsAtColons) {
    Settings settings;
    EXPECT_TRUE(settings.paths(Setting::agent_rules).empty());
    ASSERT_TRUE(settings.set("agent.rules", "/a/b:/c", "-o"));
    EXPECT_EQ(settings.paths(Setting::agent_rules),
              (std::vector<std::filesystem::path>{"/a/b", "/c"}));
}

TEST(Settings, DoesNotSplitAPath) {
    Settings settings;
    ASSERT_TRUE(settings.set("state.dir", "/var/lib/with space", "-o"));
    EXPECT_EQ(settings.path(Setting::state_dir), "/var/lib/with space");
}

TEST(Settings, EscapesControlCharactersOfARefusedValue) {
    Settings settings;
    const auto result = settings.set("log.level", "\x1b[31mred\u202e", "-o");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message.find('\x1b'), std::string::npos);
    EXPECT_EQ(result.error().message.find("\u202e"), std::string::npos);
}

TEST(Settings, EscapesControlCharactersOfAnUnknownName) {
    Settings settings;
    const auto result = settings.set("agent.\x1b[2J", "x", "-o");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message.find('\x1b'), std::string::npos);
}

} // namespace
} // namespace minewarden
