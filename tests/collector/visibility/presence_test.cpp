// SPDX-License-Identifier: Apache-2.0
#include "collector/visibility/presence.h"
#include "tests/collector/support/samples.h"

#include <gtest/gtest.h>

namespace minewarden::collector {
namespace {

using namespace std::chrono_literals;
using test::random_id;

class PresenceTest : public testing::Test {
  protected:
    Presence::Changes review(Presence::Duration now) {
        return presence_.review(now, [this](const CurvePublicKey&) { return is_enrolled_; });
    }

    Presence presence_;
    const CurvePublicKey agent_ = random_id<CurvePublicKey>();
    bool is_enrolled_ = true;
};

TEST_F(PresenceTest, ReportsSilenceOnceAfterThreeIntervals) {
    presence_.greeted(agent_, 2s, 100s);
    presence_.heard(agent_, 2s, 101s);
    EXPECT_TRUE(review(106s).silent.empty());
    EXPECT_EQ(review(107s).silent, std::vector{agent_});
    EXPECT_TRUE(review(200s).silent.empty());
    presence_.heard(agent_, 2s, 202s);
    EXPECT_EQ(review(208s).silent, std::vector{agent_});
}

TEST_F(PresenceTest, AnAgentWithoutHeartbeatAfterHelloIsSilent) {
    presence_.greeted(agent_, 2s, 10s);
    EXPECT_TRUE(review(15s).silent.empty());
    EXPECT_EQ(review(16s).silent, std::vector{agent_});
    presence_.greeted(agent_, 2s, 17s); // again, and still no heartbeat
    EXPECT_TRUE(review(17s).silent.empty());
}

TEST_F(PresenceTest, AnAgentCannotDisableTheCheck) {
    presence_.heard(agent_, to_interval(UINT64_MAX), 0s);
    EXPECT_TRUE(review(29min).silent.empty());
    EXPECT_EQ(review(30min).silent, std::vector{agent_});
    presence_.heard(agent_, 0s, 60min); // unknown interval: ten seconds
    EXPECT_TRUE(review(60min + 29s).silent.empty());
    presence_.heard(agent_, 1ns, 61min);
    EXPECT_TRUE(review(61min + 2s).silent.empty());
    EXPECT_EQ(review(61min + 3s).silent, std::vector{agent_});
}

TEST_F(PresenceTest, AnAgentThatSentGoodbyeIsNotSilent) {
    presence_.heard(agent_, 1s, 0s);
    EXPECT_TRUE(presence_.said_goodbye(agent_));
    EXPECT_FALSE(presence_.said_goodbye(agent_));
    EXPECT_TRUE(review(1h).silent.empty());
    presence_.heard(agent_, 1s, 2h);
    EXPECT_EQ(review(3h).silent, std::vector{agent_});
}

TEST_F(PresenceTest, WatchesAnAgentOnlyWhileItsKeyIsEnrolled) {
    presence_.heard(agent_, 1s, 0s);
    is_enrolled_ = false;
    EXPECT_EQ(review(10s).revoked, std::vector{agent_});
    EXPECT_TRUE(review(20s).revoked.empty());
    EXPECT_TRUE(review(20s).silent.empty());
    is_enrolled_ = true;
    EXPECT_TRUE(review(100s).silent.empty()); // watched from now on
    EXPECT_EQ(review(103s).silent, std::vector{agent_});
}

TEST_F(PresenceTest, WatchesAdoptedAgentsFromTheAdoption) {
    const auto silent = random_id<CurvePublicKey>();
    const auto stopped = random_id<CurvePublicKey>();
    presence_.adopt({{agent_, 20s, std::nullopt},
                     {silent, 1s, VisibilityReason::silent},
                     {stopped, 1s, VisibilityReason::stopped}},
                    10s);
    EXPECT_TRUE(review(69s).silent.empty());
    EXPECT_EQ(review(70s).silent, std::vector{agent_});
    EXPECT_FALSE(presence_.said_goodbye(stopped));
    presence_.heard(silent, 1s, 71s);
    EXPECT_EQ(review(74s).silent, std::vector{silent});
}

TEST_F(PresenceTest, ForgetsAnAgentOfAnotherCollector) {
    presence_.heard(agent_, 1s, 0s);
    EXPECT_EQ(review(3s).silent, std::vector{agent_});
    presence_.moved(agent_);
    EXPECT_TRUE(review(1h).silent.empty());
    presence_.heard(agent_, 1s, 2h); // it returned
    EXPECT_EQ(review(3h).silent, std::vector{agent_});
}

} // namespace
} // namespace minewarden::collector
