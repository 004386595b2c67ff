// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/payload_reading.h"

#include <gtest/gtest.h>

#include <string>

namespace minewarden::agent {
namespace {

using enum rules::Direction;
using rules::StreamStart;
using Ids = std::vector<std::uint64_t>;

const std::string login =
    R"({"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"wallet","pass":"x","agent":"a/1"}})"
    "\n";

class PayloadReadingTest : public testing::Test {
  protected:
    std::size_t feed(std::uint64_t flow_id, std::uint32_t offset, std::string_view bytes) {
        return reading_.feed(flow_id, sent, offset, as_bytes(bytes), {}).size();
    }
    PayloadReading reading_;
};

TEST_F(PayloadReadingTest, PutsPiecesIntoOrder) {
    reading_.begin(1, StreamStart::beginning);
    EXPECT_EQ(feed(1, 30, login.substr(30)), 0U);
    const auto recognised =
        reading_.feed(1, sent, 0, as_bytes(std::string_view(login).substr(0, 30)), {77});
    ASSERT_EQ(recognised.size(), 1U);
    EXPECT_EQ(std::get<rules::MiningMessage>(recognised[0].what).message, "login");
    EXPECT_EQ(recognised[0].direction, sent);
    EXPECT_EQ(recognised[0].time.ns, 77U);
}

TEST_F(PayloadReadingTest, QueuesAConnectionThatIsNotBeingRead) {
    EXPECT_EQ(feed(1, 0, login), 0U);
    EXPECT_EQ(reading_.take_queued(10), Ids{1});
    reading_.begin(1, StreamStart::beginning);
    reading_.stop(1);
    EXPECT_EQ(feed(1, 0, login), 0U);
    EXPECT_EQ(reading_.take_queued(10), Ids{1});
}

TEST_F(PayloadReadingTest, ForgetsAnEndedConnection) {
    reading_.begin(1, StreamStart::beginning);
    feed(1, 0, "not json");
    reading_.forget(1);
    EXPECT_EQ(reading_.take_queued(10), Ids{});
}

TEST_F(PayloadReadingTest, BeginsAfresh) {
    reading_.begin(1, StreamStart::beginning);
    feed(1, 0, login.substr(0, 40));
    reading_.begin(1, StreamStart::middle);
    EXPECT_EQ(feed(1, 0, "the end of a line\n" + login), 1U);
}

TEST_F(PayloadReadingTest, DisplacesTheOldestAndPassesOverThoseToKeep) {
    reading_.begin(1, StreamStart::beginning);
    reading_.keep(1);
    for (std::uint64_t flow = 2; flow <= PayloadReading::maximum + 1; ++flow)
        reading_.begin(flow, StreamStart::beginning);
    EXPECT_EQ(reading_.displaced(), 1U);
    EXPECT_EQ(reading_.take_queued(10), Ids{2});
    EXPECT_EQ(feed(1, 0, login), 1U);
    EXPECT_EQ(feed(3, 0, login), 1U);
}

TEST_F(PayloadReadingTest, KeepsAtMostHalfOfThePlaces) {
    for (std::uint64_t flow = 1; flow <= PayloadReading::maximum; ++flow) {
        reading_.begin(flow, StreamStart::beginning);
        reading_.keep(flow);
    }
    reading_.begin(PayloadReading::maximum + 1, StreamStart::beginning);
    EXPECT_EQ(reading_.take_queued(10), Ids{1});
    EXPECT_EQ(feed(PayloadReading::maximum + 1, 0, login), 1U);
}

} // namespace
} // namespace minewarden::agent
