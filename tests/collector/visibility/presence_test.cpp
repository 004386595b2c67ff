// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sqlite/sqlite_store.h"
#include "collector/visibility/presence.h"
#include "tests/collector/support/samples.h"
#include "tests/support/temporary_directory.h"

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

TEST_F(PresenceTest, ThreeIntervalsWithoutAHeartbeatAreSilenceAndItIsToldOnce) {
    presence_.greeted(agent_, 2s, 100s);
    EXPECT_FALSE(presence_.heard(agent_, 2s, 101s));
    EXPECT_TRUE(review(106s).silent.empty());
    EXPECT_EQ(review(107s).silent, std::vector{agent_});
    EXPECT_TRUE(review(200s).silent.empty());
    EXPECT_TRUE(presence_.heard(agent_, 2s, 201s));
    EXPECT_FALSE(presence_.heard(agent_, 2s, 202s));
    EXPECT_EQ(review(208s).silent, std::vector{agent_});
}

TEST_F(PresenceTest, AnAgentThatGreetsAndSaysNoMoreIsSilent) {
    presence_.greeted(agent_, 2s, 10s);
    EXPECT_TRUE(review(15s).silent.empty());
    EXPECT_EQ(review(16s).silent, std::vector{agent_});
    presence_.greeted(agent_, 2s, 17s); // again, and still no heartbeat
    EXPECT_TRUE(review(17s).silent.empty());
}

TEST_F(PresenceTest, AnAgentCannotSayThatItNeedNeverBeHeard) {
    presence_.heard(agent_, to_interval(UINT64_MAX), 0s);
    EXPECT_TRUE(review(29min).silent.empty());
    EXPECT_EQ(review(30min).silent, std::vector{agent_});
    presence_.heard(agent_, 0s, 60min); // it does not say: ten seconds
    EXPECT_TRUE(review(60min + 29s).silent.empty());
    presence_.heard(agent_, 1ns, 61min);
    EXPECT_TRUE(review(61min + 2s).silent.empty());
    EXPECT_EQ(review(61min + 3s).silent, std::vector{agent_});
}

TEST_F(PresenceTest, WhoSaysGoodbyeIsNotSilent) {
    presence_.heard(agent_, 1s, 0s);
    EXPECT_TRUE(presence_.said_goodbye(agent_));
    EXPECT_FALSE(presence_.said_goodbye(agent_));
    EXPECT_TRUE(review(1h).silent.empty());
    EXPECT_TRUE(presence_.heard(agent_, 1s, 2h));
}

TEST_F(PresenceTest, WithoutItsKeyAnAgentIsNotExpectedAndWithItAgainItIs) {
    presence_.heard(agent_, 1s, 0s);
    is_enrolled_ = false;
    EXPECT_EQ(review(10s).revoked, std::vector{agent_});
    EXPECT_TRUE(review(20s).revoked.empty());
    EXPECT_TRUE(review(20s).silent.empty());
    is_enrolled_ = true;
    EXPECT_TRUE(review(100s).silent.empty()); // expected from now on
    EXPECT_EQ(review(103s).silent, std::vector{agent_});
}

TEST_F(PresenceTest, ARestartExpectsWhomTheStoreKnows) {
    const TemporaryDirectory directory;
    auto store = open_sqlite_store(directory.path() / "collector.sqlite");
    ASSERT_TRUE(store);
    const StreamKey present{agent_, random_id<StreamId>()};
    const StreamKey silent{random_id<CurvePublicKey>(), random_id<StreamId>()};
    const StreamKey stopped{random_id<CurvePublicKey>(), random_id<StreamId>()};
    wire::Heartbeat heartbeat;
    heartbeat.set_heartbeat_interval_ns(20'000'000'000);
    const std::string bytes = heartbeat.SerializeAsString();
    const std::vector<Arrival> arrivals{test::sample_opening(present),
                                        test::sample_opening(silent, "web-2"),
                                        test::sample_opening(stopped, "web-3"),
                                        HeartbeatArrival{agent_, as_bytes(bytes), {}},
                                        AbsenceArrival{silent.agent, VisibilityReason::silent},
                                        AbsenceArrival{stopped.agent, VisibilityReason::stopped}};
    ASSERT_TRUE((*store)->commit(arrivals, test::new_year));
    auto recalled = Presence::recall(**store);
    ASSERT_TRUE(recalled) << recalled.error().message;
    presence_ = std::move(*recalled);
    EXPECT_TRUE(review(59s).silent.empty());
    EXPECT_EQ(review(60s).silent, std::vector{agent_});
    EXPECT_TRUE(presence_.heard(silent.agent, 1s, 61s));
    EXPECT_TRUE(presence_.heard(stopped.agent, 1s, 61s));
}

} // namespace
} // namespace minewarden::collector
