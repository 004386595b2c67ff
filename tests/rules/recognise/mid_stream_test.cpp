// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/payload.h"
#include "tests/rules/support/stratum.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// Connections that were open before: the first bytes can be anywhere in a message.
namespace minewarden::rules {
namespace {

using enum Direction;
namespace monero = test::monero;
namespace bitcoin = test::bitcoin;
using Names = std::vector<std::string>;

class Watched {
  public:
    Names feed(const std::string& bytes, Direction direction = sent) {
        Names made;
        for (const MiningMessage& message : recogniser_.feed(direction, bytes))
            made.emplace_back(message.message);
        return made;
    }
    [[nodiscard]] bool wants_more() const { return recogniser_.wants_more(); }

  private:
    PayloadRecogniser recogniser_{StreamStart::middle};
};

Names found(const std::string& bytes, Direction direction = sent) {
    return Watched().feed(bytes, direction);
}

const std::string ok = R"({"id":2,"jsonrpc":"2.0","error":null,"result":{"status":"OK"}})";

TEST(MidStream, RecognisesAWholeMessage) {
    EXPECT_EQ(found(monero::submit + "\n"), Names{"submit"});
    EXPECT_EQ(found(monero::keepalived + "\n"), Names{"keepalive"});
    EXPECT_EQ(found(monero::job + "\n", received), Names{"job"});
    EXPECT_EQ(found(bitcoin::notify + "\n", received), Names{"notify"});
    EXPECT_EQ(found(bitcoin::submit), Names{"submit"});
}

TEST(MidStream, SkipsTheRestOfACutMessage) {
    for (const std::string between : {"\n", "\r\n", "", " "}) {
        const std::string stream = monero::submit + between + monero::keepalived + "\n";
        for (std::size_t cut = 1; cut < monero::submit.size(); ++cut)
            ASSERT_EQ(found(stream.substr(cut)), Names{"keepalive"}) << stream.substr(cut);
    }
}

TEST(MidStream, SkipsACutMessageThatEndsInALaterPiece) {
    const std::string stream = monero::job + "\n" + monero::job + "\n";
    for (std::size_t cut = 1; cut < monero::job.size(); cut += 7) {
        for (std::size_t at = cut; at < stream.size(); at += 5) {
            Watched watched;
            Names names = watched.feed(stream.substr(cut, at - cut), received);
            for (std::string& name : watched.feed(stream.substr(at), received))
                names.push_back(std::move(name));
            ASSERT_EQ(names, Names{"job"}) << cut << " " << at;
        }
    }
}

TEST(MidStream, RecognisesMessagesWithoutNewlinesAfterATail) {
    Watched watched;
    EXPECT_EQ(watched.feed("\"0000\"}}"), Names{});
    EXPECT_EQ(watched.feed(monero::submit), Names{"submit"});
    EXPECT_EQ(watched.feed(monero::keepalived + monero::submit), (Names{"keepalive", "submit"}));
}

TEST(MidStream, FollowsBothDirections) {
    Watched watched;
    EXPECT_EQ(watched.feed(ok + "\n", received), Names{});
    EXPECT_EQ(watched.feed("x\":1}\n" + monero::submit + "\n"), Names{"submit"});
    EXPECT_EQ(watched.feed(monero::job + "\n", received), Names{"job"});
}

TEST(MidStream, ContinuesAfterAPieceThatIsNotJson) {
    for (const std::string& first : {std::string("rest of something\r\n"), std::string("\r\n\r\n"),
                                     std::string("\x05\x00", 2), std::string("no end of line")}) {
        Watched watched;
        EXPECT_EQ(watched.feed(first), Names{});
        EXPECT_TRUE(watched.wants_more());
        EXPECT_EQ(watched.feed("\n" + monero::submit + "\n"), Names{"submit"}) << first;
    }
}

TEST(MidStream, SkipsAnOverlongTail) {
    Watched watched;
    for (int i = 0; i < 4; ++i) EXPECT_EQ(watched.feed(std::string(2000, 'a')), Names{});
    EXPECT_EQ(watched.feed("\"}\n" + monero::submit + "\n"), Names{"submit"});
}

TEST(MidStream, InnerObjectsAreNotMessages) {
    const std::string outer = "{\"rule\":" + bitcoin::subscribe + "}\n";
    for (std::size_t cut = 0; cut < outer.size(); ++cut)
        ASSERT_EQ(found(outer.substr(cut)), Names{}) << outer.substr(cut);
    EXPECT_EQ(found("[" + bitcoin::subscribe + "," + bitcoin::authorize + "]\n"), Names{});
}

TEST(MidStream, IgnoresMessagesInsideText) {
    EXPECT_EQ(found("<p>The client sends</p>\n<pre>\n" + bitcoin::subscribe + "\n</pre>\n"),
              Names{});
    EXPECT_EQ(found("protocol:\n\n" + monero::login_new + "\nand the pool\n"), Names{});
    EXPECT_EQ(found(std::string("\x82\x05\x01", 3) + "\n" + monero::submit + "\n"), Names{});
}

TEST(MidStream, StopsAtAStreamOfOtherData) {
    Watched watched;
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(watched.feed("plain text\n"), Names{});
        EXPECT_EQ(watched.feed(std::string("\x17\x03\x03\x00\x20", 5), received), Names{});
    }
    EXPECT_FALSE(watched.wants_more());
    EXPECT_EQ(watched.feed(monero::submit + "\n"), Names{});
}

RC_GTEST_PROP(MidStream, RecognisesLaterMessagesHoweverTheyAreCut, ()) {
    const std::string stream =
        monero::submit + "\n" + ok + "\r\n" + monero::keepalived + "\n" + monero::submit + "\n";
    Watched watched;
    std::size_t at =
        *rc::gen::inRange<std::size_t>(monero::submit.size() - 20, monero::submit.size());
    Names seen;
    while (at < stream.size()) {
        const auto length = *rc::gen::inRange<std::size_t>(1, 300);
        for (std::string& name : watched.feed(stream.substr(at, length)))
            seen.push_back(std::move(name));
        at += length;
    }
    RC_ASSERT(seen == (Names{"keepalive", "submit"}));
}

RC_GTEST_PROP(MidStream, IgnoresRandomBytes, (const std::string& bytes)) {
    Watched watched;
    RC_ASSERT(watched.feed(bytes).empty());
    RC_ASSERT(watched.feed("}{" + bytes + "}\n", received).empty());
}

} // namespace
} // namespace minewarden::rules
