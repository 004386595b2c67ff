// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/speak/conversation.h"

#include <gtest/gtest.h>

#include <set>

namespace minewarden::lab {
namespace {

std::vector<Topic> topics() {
    std::vector<Topic> all;
    for (const auto some : {pool_topics(), node_topics(), other_topics()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

TEST(Conversation, EachTopicHasAUniqueNameAndBothEnds) {
    std::set<std::string_view> names;
    for (const Topic& topic : topics()) {
        EXPECT_TRUE(names.insert(topic.name).second) << topic.name;
        const Conversation turns = topic.make();
        ASSERT_FALSE(turns.empty()) << topic.name;
        EXPECT_TRUE(turns.front().client) << topic.name;
        bool server = false;
        for (const Turn& turn : turns) {
            EXPECT_FALSE(turn.bytes.empty()) << topic.name;
            server = server || !turn.client;
        }
        EXPECT_TRUE(server) << topic.name;
    }
}

// Each end generates the turns separately.
TEST(Conversation, LengthsAreTheSameInEachRun) {
    for (const Topic& topic : topics()) {
        for (const char* transport : {"direct", "socks4", "socks5", "connect", "websocket"}) {
            const Conversation one = via(transport, topic.make());
            const Conversation other = via(transport, topic.make());
            ASSERT_EQ(one.size(), other.size()) << topic.name;
            for (std::size_t i = 0; i < one.size(); ++i)
                EXPECT_EQ(one[i].bytes.size(), other[i].bytes.size()) << topic.name << " " << i;
        }
    }
}

TEST(Conversation, WebSocketMasksTheClientOnly) {
    const Conversation turns = via("websocket", {{true, "{\"a\":1}"}, {false, "{\"b\":2}"}});
    ASSERT_EQ(turns.size(), 4u);
    EXPECT_TRUE(turns[0].bytes.starts_with("GET /"));
    EXPECT_TRUE(turns[1].bytes.starts_with("HTTP/1.1 101 "));
    EXPECT_EQ(turns[3].bytes, "\x81\x07{\"b\":2}");
    const std::string& frame = turns[2].bytes;
    ASSERT_EQ(frame.size(), 2u + 4u + 7u);
    EXPECT_EQ(frame[1], '\x87');
    std::string plain;
    for (std::size_t i = 0; i < 7; ++i) plain += static_cast<char>(frame[6 + i] ^ frame[2 + i % 4]);
    EXPECT_EQ(plain, "{\"a\":1}");
}

} // namespace
} // namespace minewarden::lab
