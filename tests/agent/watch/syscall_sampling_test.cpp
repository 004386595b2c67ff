// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/syscall_sampling.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t second = 1'000'000'000;
const rules::ImageKey image{42, second, 1};

rules::VerdictRecord verdict(rules::Certainty certainty, rules::Family family,
                             rules::MilliNats weight = 1000) {
    rules::VerdictRecord change{.subject = image,
                                .activity = *Activity::find("mining.pool.client")};
    change.verdict.certainty = certainty;
    change.evidence.push_back({.rule = "test", .family = family, .weight = weight});
    return change;
}

class SyscallSamplingTest : public testing::Test {
  protected:
    /// So many seconds after 100 s.
    void tick(double seconds) {
        sampling_.tick({100 * second + static_cast<std::uint64_t>(seconds * 1e9)});
    }

    bool fails_ = false;
    int begun_ = 0;
    int ended_ = 0;
    SyscallSampling sampling_{{[this](const rules::ImageKey& counted, BootTime) -> Result<void> {
                                   EXPECT_EQ(counted, image);
                                   if (fails_) return fail(ErrorKind::unavailable, "refused");
                                   ++begun_;
                                   return {};
                               },
                               [this](BootTime) -> Result<SyscallCounts> {
                                   ++ended_;
                                   return SyscallCounts{image, {}, second};
                               }},
                              10s};
};

TEST_F(SyscallSamplingTest, CountsForASecondWhenAVerdictAsks) {
    tick(0);
    EXPECT_EQ(begun_, 0);
    sampling_.on_verdict(verdict(rules::Certainty::probable, rules::Family::protocol), true);
    tick(0.25);
    EXPECT_EQ(begun_, 1);
    tick(1);
    EXPECT_EQ(ended_, 0);
    EXPECT_TRUE(sampling_.take().empty());
    tick(1.25);
    EXPECT_EQ(ended_, 1);
    ASSERT_EQ(sampling_.take().size(), 1U);
    EXPECT_TRUE(sampling_.take().empty());
}

TEST_F(SyscallSamplingTest, IsNotAskedForByLoadEvidenceAgainstNorAnEndedImage) {
    sampling_.on_verdict(verdict(rules::Certainty::suspected, rules::Family::load), true);
    sampling_.on_verdict(verdict(rules::Certainty::suspected, rules::Family::protocol, -500), true);
    sampling_.on_verdict(verdict(rules::Certainty::probable, rules::Family::protocol), false);
    for (int second_number = 0; second_number < 60; ++second_number) tick(second_number);
    EXPECT_EQ(begun_, 0);
}

TEST_F(SyscallSamplingTest, EndsWithTheVerdictOrTheImage) {
    const auto ask = [this] {
        sampling_.on_verdict(verdict(rules::Certainty::probable, rules::Family::compute), true);
    };
    ask();
    sampling_.on_verdict(verdict(rules::Certainty::none, rules::Family::compute), true);
    tick(0);
    EXPECT_EQ(begun_, 0);
    ask();
    sampling_.forget(image);
    tick(1);
    EXPECT_EQ(begun_, 0);
}

TEST_F(SyscallSamplingTest, StopsAtOnce) {
    sampling_.on_verdict(verdict(rules::Certainty::probable, rules::Family::protocol), true);
    sampling_.stop({100 * second}); // nothing to stop
    EXPECT_EQ(ended_, 0);
    tick(0);
    sampling_.stop({100 * second + 1});
    EXPECT_EQ(ended_, 1);
    EXPECT_EQ(sampling_.take().size(), 1U);
}

TEST_F(SyscallSamplingTest, CountsNothingWhenItCannotBegin) {
    fails_ = true;
    sampling_.on_verdict(verdict(rules::Certainty::probable, rules::Family::protocol), true);
    tick(0);
    tick(2);
    EXPECT_EQ(ended_, 0);
}

TEST_F(SyscallSamplingTest, DoesNothingWithoutACounter) {
    SyscallSampling off({}, 10s);
    off.on_verdict(verdict(rules::Certainty::probable, rules::Family::protocol), true);
    off.tick({100 * second});
    off.stop({102 * second});
    EXPECT_TRUE(off.take().empty());
}

} // namespace
} // namespace minewarden::agent
