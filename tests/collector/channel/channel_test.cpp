// SPDX-License-Identifier: Apache-2.0
// The channel between the intake process and the store process. What passes through it in normal
// work is tested with the whole intake (tests/collector/intake/intake_test.cpp).
#include "collector/channel/remote_store.h"
#include "collector/channel/store_server.h"
#include "collector/channel/turn_encoding.h"
#include "tests/collector/support/samples.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <poll.h>

namespace minewarden::collector {
namespace {

using test::random_id;

/// Keeps what it is asked to commit.
class RecordingStore : public IntakeStore {
  public:
    Result<Outcome> commit(std::span<const Arrival> arrivals, WallTime) override {
        committed.insert(committed.end(), arrivals.begin(), arrivals.end());
        Outcome outcome;
        outcome.positions.assign(arrivals.size(), 7);
        return outcome;
    }
    [[nodiscard]] bool is_shared() const override { return false; }
    std::vector<Arrival> committed;
};

StreamKey some_stream(const CurvePublicKey& agent = random_id<CurvePublicKey>()) {
    return {agent, random_id<StreamId>()};
}

class ChannelTest : public testing::Test {
  protected:
    ChannelTest() {
        agents_ = *AllowList::open(std::vector<Enrolment>{{known_, "web-1", wall_now(), {}}});
        auto channel = *make_channel();
        server_ = std::make_unique<StoreServer>(std::move(channel.first), store_, *agents_,
                                                counters_, nullptr);
        other_end_ = std::move(channel.second);
    }
    std::unique_ptr<RemoteStore> open() {
        seen_ = *AllowList::open(std::vector<Enrolment>{});
        return *RemoteStore::open(std::move(other_end_), *seen_);
    }
    bool ends() {
        for (int i = 0; i < 6000 && !server_->has_ended(); ++i) ::poll(nullptr, 0, 10);
        return server_->has_ended();
    }

    CurvePublicKey known_ = random_id<CurvePublicKey>();
    Counters counters_;
    RecordingStore store_;
    std::unique_ptr<AllowList> agents_;
    std::unique_ptr<AllowList> seen_;
    std::unique_ptr<StoreServer> server_;
    Fd other_end_;
};

TEST_F(ChannelTest, GivesTheAllowListAndItsChanges) {
    const auto remote = open();
    EXPECT_EQ(seen_->name_of(known_), "web-1");
    std::vector<Enrolment> many(70000);
    for (Enrolment& enrolment : many) {
        enrolment.key = random_id<CurvePublicKey>();
        enrolment.name = "web";
    }
    agents_->replace(many);
    server_->send_allow_list();
    for (int i = 0; i < 6000 && seen_->size() != many.size(); ++i) ::poll(nullptr, 0, 10);
    EXPECT_EQ(seen_->size(), many.size()) << "all parts at once";
    EXPECT_EQ(seen_->name_of(known_), std::nullopt);
}

TEST_F(ChannelTest, LeavesOutWhatIsOfNobodyEnrolled) {
    const auto remote = open();
    const std::vector<Arrival> arrivals{Opening{some_stream(), {}, "a lie", "", "", 0},
                                        Opening{some_stream(known_), {}, "a lie", "", "", 0},
                                        HeartbeatArrival{random_id<CurvePublicKey>(), {}, {}}};
    remote->start(arrivals);
    pollfd done{remote->done_fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&done, 1, 60000), 1);
    const auto outcome = remote->take();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->positions, (std::vector<std::uint64_t>{0, 7, 0}));
    ASSERT_EQ(store_.committed.size(), 1u);
    EXPECT_EQ(std::get<Opening>(store_.committed[0]).agent_name, "web-1") << "not what it says";
}

TEST_F(ChannelTest, TheEndOfOneSideEndsTheOther) {
    const auto remote = open();
    server_.reset();
    pollfd ended{remote->ended_fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&ended, 1, 60000), 1);
    remote->start({});
    EXPECT_FALSE(remote->take());
}

TEST_F(ChannelTest, CutsOffAnIntakeThatSendsNonsense) {
    Frames frames(std::move(other_end_), largest_answer);
    ASSERT_TRUE(frames.receive()) << "the allow-list";
    ASSERT_TRUE(frames.send("no protobuf"));
    EXPECT_TRUE(ends());
    EXPECT_TRUE(store_.committed.empty());
}

TEST_F(ChannelTest, CutsOffAnIntakeThatSendsTooMuch) {
    const std::uint32_t huge = largest_turn + 1;
    ASSERT_EQ(::send(other_end_.get(), &huge, sizeof huge, 0), 4);
    EXPECT_TRUE(ends());
}

TEST_F(ChannelTest, AnUnfinishedFrameIsNoTurn) {
    const std::uint32_t size = 100;
    ASSERT_EQ(::send(other_end_.get(), &size, sizeof size, 0), 4);
    other_end_.reset();
    EXPECT_TRUE(ends());
    EXPECT_TRUE(store_.committed.empty());
}

// What no working intake sends: each field by itself.
TEST(TurnEncoding, RefusesWhatNoIntakeSends) {
    const auto change = [](const std::function<void(channel::Arrival&)>& changed) {
        channel::Turn turn;
        const std::string key(32, 'k');
        channel::Delivery& delivery = *turn.add_arrivals()->mutable_delivery();
        delivery.set_agent(key);
        delivery.set_stream(std::string(16, 's'));
        channel::Record& record = *delivery.add_records();
        record.set_sequence(1);
        channel::Finding& finding = *record.mutable_finding();
        finding.set_id(std::string(16, 'i'));
        finding.set_activity("mining.pow.cpu");
        changed(*turn.mutable_arrivals(0));
        return decode_turn(turn).has_value();
    };
    const auto record = [](channel::Arrival& arrival) -> channel::Record& {
        return *arrival.mutable_delivery()->mutable_records(0);
    };
    EXPECT_TRUE(change([](auto&) {}));
    EXPECT_FALSE(change([](auto& a) { a.clear_body(); }));
    EXPECT_FALSE(change([](auto& a) { a.mutable_delivery()->set_agent("short"); }));
    EXPECT_FALSE(change([](auto& a) { a.mutable_delivery()->set_stream(std::string(17, 's')); }));
    EXPECT_FALSE(change([&](auto& a) { record(a).set_sequence(0); }));
    EXPECT_FALSE(change([&](auto& a) { record(a).set_sequence(std::uint64_t{1} << 63); }));
    EXPECT_FALSE(change([&](auto& a) { record(a).clear_body(); }));
    EXPECT_FALSE(change([&](auto& a) { record(a).mutable_finding()->set_id(""); }));
    EXPECT_FALSE(change([&](auto& a) { record(a).mutable_finding()->set_state(99); }));
    EXPECT_FALSE(change([&](auto& a) { record(a).mutable_finding()->set_certainty(-1); }));
    EXPECT_FALSE(change(
        [&](auto& a) { record(a).mutable_finding()->set_activity(std::string(5000, 'a')); }));
    EXPECT_FALSE(change([&](auto& a) { record(a).mutable_rule_set()->set_digest("x"); }));
    EXPECT_FALSE(change([&](auto& a) { record(a).mutable_gap()->set_lost(UINT64_MAX); }));
    EXPECT_FALSE(
        change([&](auto& a) { record(a).mutable_gap()->set_place(std::string(9999, 'p')); }));
    EXPECT_FALSE(change([&](auto& a) { record(a).set_rejected(std::string(9999, 'r')); }));
    EXPECT_FALSE(change([](auto& a) { a.mutable_opening()->set_agent("x"); }));
    EXPECT_FALSE(change([](auto& a) { a.mutable_heartbeat()->set_agent("x"); }));
    EXPECT_FALSE(change([](auto& a) { a.mutable_absence()->set_agent("x"); }));
    EXPECT_FALSE(change([](auto& a) { a.mutable_quota()->set_agent("x"); }));
    EXPECT_FALSE(change([](auto& a) { a.set_revoked_agent("x"); }));
    EXPECT_FALSE(change([](auto& a) { a.mutable_watch()->add_gone("x"); }));
}

TEST(TurnEncoding, RefusesAnOutcomeOfAnotherTurn) {
    channel::Outcome outcome;
    outcome.add_positions(1);
    EXPECT_TRUE(decode_outcome(outcome, 1));
    EXPECT_FALSE(decode_outcome(outcome, 2));
}

} // namespace
} // namespace minewarden::collector
