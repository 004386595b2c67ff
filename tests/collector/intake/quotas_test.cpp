// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/quotas.h"
#include "tests/collector/support/samples.h"

#include <gtest/gtest.h>

namespace minewarden::collector {
namespace {

using test::random_id;
using namespace std::chrono_literals;

class QuotasTest : public testing::Test {
  protected:
    /// Records that the key can send now, one message each.
    std::uint64_t send_all(const CurvePublicKey& key, Quotas::Duration now) {
        std::uint64_t sent = 0;
        for (; sent < 1'000'000 && quotas_.admits(key, now); ++sent) quotas_.count(key, 10, 1, now);
        return sent;
    }

    Quotas quotas_{{.records_per_minute = 60, .new_streams_per_hour = 6}};
    CurvePublicKey key_ = random_id<CurvePublicKey>();
    Quotas::Duration start_ = 1000h;
};

TEST_F(QuotasTest, AllowsTenMinutesAtOnceAndThenTheRate) {
    EXPECT_EQ(send_all(key_, start_), 600u);
    EXPECT_EQ(send_all(key_, start_ + 10s), 10u);
    EXPECT_EQ(send_all(key_, start_ + 70s), 60u);
    EXPECT_EQ(send_all(key_, start_ + 100h), 600u);
}

TEST_F(QuotasTest, OneKeyTakesNothingFromAnother) {
    send_all(key_, start_);
    EXPECT_EQ(send_all(random_id<CurvePublicKey>(), start_), 600u);
}

TEST_F(QuotasTest, AskingOftenEarnsNothingMore) {
    send_all(key_, start_);
    std::uint64_t sent = 0;
    for (auto now = start_; now < start_ + 10s; now += 100us) sent += send_all(key_, now);
    EXPECT_LE(sent, 10u);
    EXPECT_GE(sent, 9u);
}

TEST_F(QuotasTest, LargeMessagesCountByTheirBytes) {
    quotas_.count(key_, 599 * Quotas::unit_bytes, 1, start_);
    EXPECT_FALSE(quotas_.admits(key_, start_));
    const auto other = random_id<CurvePublicKey>();
    quotas_.count(other, 10, 600, start_);
    EXPECT_FALSE(quotas_.admits(other, start_));
}

TEST_F(QuotasTest, CountsNewStreamsOnly) {
    std::vector<StreamId> streams;
    for (int i = 0; i < 6; ++i) {
        streams.push_back(random_id<StreamId>());
        EXPECT_TRUE(quotas_.admits_stream(key_, streams.back(), start_));
    }
    for (const StreamId& known : streams) EXPECT_TRUE(quotas_.admits_stream(key_, known, start_));
    EXPECT_FALSE(quotas_.admits_stream(key_, random_id<StreamId>(), start_));
    EXPECT_FALSE(quotas_.admits_stream(key_, random_id<StreamId>(), start_ + 9min));
    EXPECT_TRUE(quotas_.admits_stream(key_, random_id<StreamId>(), start_ + 11min));
}

TEST_F(QuotasTest, TellsOnceThatAKeyIsOverAndOnceThatItIsWithin) {
    send_all(key_, start_);
    ASSERT_FALSE(quotas_.admits(key_, start_));
    EXPECT_EQ(quotas_.review(start_).over, std::vector{key_});
    ASSERT_FALSE(quotas_.admits(key_, start_ + 1ms));
    const auto again = quotas_.review(start_ + 1s);
    EXPECT_TRUE(again.over.empty());
    EXPECT_TRUE(again.within.empty());
    EXPECT_TRUE(quotas_.review(start_ + Quotas::calm).within.empty()); // refused 1 ms later
    EXPECT_EQ(quotas_.review(start_ + Quotas::calm + 1ms).within, std::vector{key_});
    EXPECT_TRUE(quotas_.review(start_ + 10h).within.empty());
}

TEST_F(QuotasTest, AKeyThatIsWithinFromTheStartIsToldOnce) {
    ASSERT_TRUE(quotas_.admits(key_, start_));
    EXPECT_TRUE(quotas_.review(start_).within.empty());
    EXPECT_EQ(quotas_.review(start_ + Quotas::calm).within, std::vector{key_});
    EXPECT_TRUE(quotas_.review(start_ + 2 * Quotas::calm).within.empty());
}

TEST(Quotas, NoLimitAdmitsEverything) {
    Quotas quotas({});
    const auto key = random_id<CurvePublicKey>();
    quotas.count(key, SIZE_MAX / 2, SIZE_MAX / 2, 1h);
    EXPECT_TRUE(quotas.admits(key, 1h));
    for (int i = 0; i < 1000; ++i)
        EXPECT_TRUE(quotas.admits_stream(key, random_id<StreamId>(), 1h));
}

// What a key had used is lost with the process, so a death must not be worth much.
TEST(Quotas, AfterARestartAKeyBeginsWithLittle) {
    Quotas quotas({60, 10}, true);
    const auto key = test::random_id<CurvePublicKey>();
    int admitted = 0;
    while (quotas.admits(key, 0s)) {
        quotas.count(key, 0, 0, 0s);
        ++admitted;
    }
    EXPECT_EQ(admitted, 60) << "one minute";
    EXPECT_TRUE(quotas.admits_stream(key, test::random_id<StreamId>(), 0s));
    EXPECT_FALSE(quotas.admits_stream(key, test::random_id<StreamId>(), 0s));
    EXPECT_TRUE(quotas.admits_stream(key, test::random_id<StreamId>(), 6min)) << "earned since";
}

} // namespace
} // namespace minewarden::collector
