// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/payload.h"
#include "tests/rules/support/stratum_v2.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// Stratum V2 without encryption.
namespace minewarden::rules {
namespace {

using Names = std::vector<std::string>;

/// The messages found in a connection: first the bytes of the client, then those of the server, in
/// pieces of at most `size` bytes.
Names found(const std::string& client, const std::string& server, std::size_t size = 4096) {
    PayloadRecogniser recogniser;
    Names names;
    const auto say = [&](Direction direction, const std::string& bytes) {
        for (std::size_t at = 0; at < bytes.size(); at += size)
            for (const MiningMessage& message :
                 recogniser.feed(direction, bytes.substr(at, size))) {
                EXPECT_EQ(message.protocol, MiningProtocol::stratum_v2);
                names.push_back(std::string(to_string(message.sender)) + " " +
                                std::string(message.message));
            }
    };
    say(Direction::sent, client);
    say(Direction::received, server);
    return names;
}

const Names whole{"client subscribe",  "client authorize", "client submit", "server subscribe",
                  "server extranonce", "server notify",    "server notify"};

TEST(StratumV2, RecognisesASessionHoweverItIsCut) {
    for (const std::size_t size : {1, 2, 5, 6, 7, 100, 4096})
        EXPECT_EQ(found(test::v2::client(), test::v2::server(), size), whole) << size;
}

TEST(StratumV2, RecognisesASessionInATunnel) {
    EXPECT_EQ(
        found(test::connect_request + test::v2::client(), test::connect_reply + test::v2::server()),
        whole);
}

TEST(StratumV2, IgnoresOtherSubprotocols) {
    std::string declaration = test::v2::setup();
    declaration[6] = 1; // Job Declaration Protocol
    EXPECT_EQ(found(declaration, test::v2::success()), Names{});
    std::string distribution = test::v2::setup();
    distribution[6] = 2;
    EXPECT_EQ(found(distribution, test::v2::success()), Names{});
}

TEST(StratumV2, IgnoresAnAnswerWithoutARequest) {
    EXPECT_EQ(found("hello", test::v2::server()), Names{});
    EXPECT_EQ(found("", test::v2::server()), Names{});
}

TEST(StratumV2, StopsAtAWrongLength) {
    const std::string setup = test::v2::setup();
    for (const std::size_t at : {0, 1, 2, 3, 5, 6, 8, 15}) {
        std::string wrong = setup;
        wrong[at] = static_cast<char>(wrong[at] ^ 1);
        EXPECT_EQ(found(wrong, ""), Names{}) << at;
    }
    const std::string share = test::v2::frame(0x1a, std::string(23, '\0'));
    EXPECT_EQ(found(setup + share + test::v2::submit(), ""), Names{"client subscribe"});
    const std::string unknown = test::v2::frame(0x27, "x");
    EXPECT_EQ(found(setup + unknown + test::v2::submit(), ""), Names{"client subscribe"});
}

TEST(StratumV2, SkipsOtherMessages) {
    const std::string more = test::v2::frame(0x18, std::string(900, '\1')) +
                             test::v2::frame(0x16, std::string(40, '\2'));
    EXPECT_EQ(found(test::v2::setup() + more + test::v2::submit(), ""),
              (Names{"client subscribe", "client submit"}));
}

// Receivers must skip unknown extensions, so an extension must not hide a miner.
TEST(StratumV2, SkipsExtensions) {
    const Names expected{"client subscribe", "client submit"};
    const std::string foreign = test::v2::number(0x4000, 2) + test::v2::frame(0x30, "").substr(2);
    EXPECT_EQ(found(test::v2::setup() + foreign + test::v2::submit(), ""), expected);
    const std::string request =
        test::v2::number(1, 2) + test::v2::frame(0x00, std::string(6, '\1')).substr(2);
    EXPECT_EQ(found(test::v2::setup() + request + test::v2::submit(), ""), expected);
    const std::string field =
        test::v2::number(2, 2) + test::v2::number(1, 1) + std::string("\0\3", 2) + "rig";
    EXPECT_EQ(found(test::v2::setup(2, 2, field) + test::v2::submit(field), ""), expected);
    EXPECT_EQ(found(test::v2::setup(2, 2, field + "x"), ""), Names{});
}

TEST(StratumV2, AcceptsAnyVersionRangeThatIncludesTwo) {
    for (const auto& [least, greatest] : {std::pair{0, 2}, {1, 0xffff}, {2, 2}})
        EXPECT_EQ(found(test::v2::setup(least, greatest), ""), Names{"client subscribe"});
    for (const auto& [least, greatest] : {std::pair{0, 1}, {3, 3}, {0x102, 0x102}})
        EXPECT_EQ(found(test::v2::setup(least, greatest), ""), Names{});
}

TEST(StratumV2, RecognisesBothDirectionsOfAnEcho) {
    EXPECT_EQ(found(test::v2::setup(), test::v2::setup()),
              (Names{"client subscribe", "client subscribe"}));
}

Names found_in_middle(const std::string& bytes) {
    PayloadRecogniser recogniser(StreamStart::middle);
    Names names;
    for (const MiningMessage& message : recogniser.feed(Direction::sent, bytes))
        names.emplace_back(message.message);
    return names;
}

TEST(StratumV2, RecognisesSharesAndNewBlocksFromTheMiddle) {
    const std::string tail = "\x01\x02";
    EXPECT_EQ(found_in_middle(test::v2::submit() + test::v2::submit()),
              (Names{"submit", "submit"}));
    EXPECT_EQ(found_in_middle(tail + test::v2::submit()), Names{"submit"});
    EXPECT_EQ(found_in_middle(test::v2::open_channel() + test::v2::submit_extended()),
              Names{"submit"});
    EXPECT_EQ(found_in_middle(test::v2::previous_hash() + test::v2::job()),
              (Names{"notify", "notify"}));
}

TEST(StratumV2, IgnoresImpossibleBlockFieldsFromTheMiddle) {
    for (const std::string& frame : {test::v2::submit(), test::v2::previous_hash()}) {
        EXPECT_EQ(found_in_middle(frame.substr(1)), Names{});
        EXPECT_EQ(found_in_middle(frame.substr(0, frame.size() - 5)), Names{});
        for (const std::size_t at : {1, 2, 3, 4, 5}) {
            std::string wrong = frame;
            wrong[at] = static_cast<char>(wrong[at] ^ 0x40);
            EXPECT_EQ(found_in_middle(wrong), Names{}) << at;
        }
    }
    std::string version = test::v2::submit();
    version.back() = 0x60; // not a BIP 9 version
    EXPECT_EQ(found_in_middle(version), Names{});
    std::string time = test::v2::submit();
    time[25] = 0x10; // in 1978
    EXPECT_EQ(found_in_middle(time), Names{});
    std::string hash = test::v2::previous_hash();
    hash[45] = 'p';
    EXPECT_EQ(found_in_middle(hash), Names{});
}

RC_GTEST_PROP(StratumV2, IgnoresOtherBytesAfterThreeNuls, (const std::string& bytes)) {
    RC_ASSERT(found(std::string(3, '\0') + bytes, "").empty());
}

} // namespace
} // namespace minewarden::rules
