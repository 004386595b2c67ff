// SPDX-License-Identifier: Apache-2.0
#include "common/clock.h"
#include "tests/lab/run/event_log.h"

#include <gtest/gtest.h>

#include <string>
#include <unistd.h>

namespace minewarden::lab {
namespace {

TEST(EventLog, WritesOneLineWithBothClocks) {
    std::string text;
    EventLog events([&](std::string_view line) { text += line; });
    const BootTime before = boot_now();
    events.emit("login_sent", {{"bytes", 515}});
    ASSERT_TRUE(text.ends_with('\n'));
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    const Json json = Json::parse(text);
    EXPECT_EQ(json["event"], "login_sent");
    EXPECT_EQ(json["bytes"], 515);
    EXPECT_EQ(json["pid"], ::getpid());
    EXPECT_TRUE(parse_time(json["time"].get<std::string>(), WallTime{0}));
    const auto at = json["boottime_ns"].get<std::uint64_t>();
    EXPECT_GE(at, before.ns);
    EXPECT_LE(at, boot_now().ns);
}

TEST(EventLog, EscapesTextOfPeers) {
    std::string text;
    EventLog events([&](std::string_view line) { text += line; });
    events.emit("client_login", {{"agent", "\x1b[31m\n\xc2\x9b\xff"}});
    for (const char c : text.substr(0, text.size() - 1)) {
        EXPECT_GE(c, ' ');
        EXPECT_LT(c, 0x7f);
    }
}

} // namespace
} // namespace minewarden::lab
