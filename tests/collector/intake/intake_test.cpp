// SPDX-License-Identifier: Apache-2.0
// The intake over real sockets and a real database.
#include "collector/intake/intake.h"
#include "collector/intake/message_reader.h"
#include "tests/collector/support/failing_intake_store.h"
#include "tests/collector/support/samples.h"
#include "tests/collector/support/test_database.h"
#include "tests/collector/support/test_intake.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <thread>

namespace minewarden::collector {
namespace {

using test::random_id;
using test::sample_batch;
using test::sample_finding;
using test::TestAgent;
using namespace std::chrono_literals;

class IntakeTest : public test::WithDatabase {
  protected:
    void SetUp() override {
        WithDatabase::SetUp();
        if (IsSkipped()) return;
        open();
        start();
    }
    void open() {
        store_ = open_store();
        ASSERT_TRUE(store_);
        failing_ = std::make_unique<test::FailingIntakeStore>(*store_);
    }
    void start() {
        const auto started = intake_.start(*failing_);
        ASSERT_TRUE(started) << started.error().message;
    }

    std::vector<FindingSummary> all_findings(const FindingFilter& filter = {}) {
        std::vector<FindingSummary> all;
        Cursor after;
        for (bool more = true; more;) {
            auto page = store_->findings_after(filter, after, 1000);
            EXPECT_TRUE(page) << page.error().message;
            if (!page) break;
            std::ranges::move(page->findings, std::back_inserter(all));
            after = page->next;
            more = page->more;
        }
        return all;
    }
    std::size_t stored(const FindingFilter& filter = {}) { return all_findings(filter).size(); }
    std::vector<StoredGap> gaps() { return store_->gaps({}, std::nullopt, 1000)->items; }
    std::vector<StoredVisibility> open_records() {
        return store_->visibility({.open = true}, std::nullopt, 1000)->items;
    }

    std::unique_ptr<Store> store_;
    std::unique_ptr<test::FailingIntakeStore> failing_;
    test::TestIntake intake_;
    StreamId stream_ = random_id<StreamId>();
};

TEST_P(IntakeTest, StoresAndAcknowledges) {
    TestAgent agent = intake_.agent("db-7");
    const auto welcome = agent.greet(stream_);
    ASSERT_TRUE(welcome);
    EXPECT_EQ(welcome->acknowledged(), 0u);
    EXPECT_GE(welcome->credit_bytes(), 65536u);
    agent.send(sample_batch(stream_, 1, 10));
    EXPECT_TRUE(agent.await_ack(10));
    const auto found = all_findings();
    ASSERT_EQ(found.size(), 10u);
    EXPECT_EQ(found[0].agent, agent.key());
    EXPECT_EQ(found[0].agent_name, "db-7");
    EXPECT_EQ(intake_.counters.findings.load(), 10u);
}

TEST_P(IntakeTest, AcknowledgesOnlyWhatIsCommitted) {
    TestAgent agent = intake_.agent();
    ASSERT_TRUE(agent.greet(stream_));
    failing_->is_full = true;
    agent.send(sample_batch(stream_, 1, 5));
    EXPECT_FALSE(agent.receive(700ms));
    EXPECT_GT(failing_->failures.load(), 1);
    EXPECT_FALSE(intake_.counters.is_storing.load());
    EXPECT_EQ(stored(), 0u);
    failing_->is_full = false;
    EXPECT_TRUE(agent.await_ack(5));
    EXPECT_EQ(stored(), 5u);
    EXPECT_TRUE(intake_.counters.is_storing.load());
}

TEST_P(IntakeTest, StopsWhileTheStoreFails) {
    TestAgent agent = intake_.agent();
    ASSERT_TRUE(agent.greet(stream_));
    failing_->is_full = true;
    agent.send(sample_batch(stream_, 1, 5));
    for (int i = 0; i < 1000 && failing_->failures == 0; ++i) std::this_thread::sleep_for(10ms);
    ASSERT_GT(failing_->failures.load(), 0);
    intake_.stop();
    EXPECT_EQ(stored(), 0u);
}

TEST_P(IntakeTest, StoresResentBatchesOnce) {
    TestAgent agent = intake_.agent();
    ASSERT_TRUE(agent.greet(stream_));
    const auto batch = sample_batch(stream_, 1, 10);
    agent.send(batch);
    ASSERT_TRUE(agent.await_ack(10));
    agent.reconnect();
    const auto welcome = agent.greet(stream_);
    ASSERT_TRUE(welcome);
    EXPECT_EQ(welcome->acknowledged(), 10u);
    agent.send(batch);
    agent.send(sample_batch(stream_, 11, 12));
    EXPECT_TRUE(agent.await_ack(12));
    EXPECT_EQ(stored(), 12u);
    EXPECT_EQ(intake_.counters.duplicates.load(), 10u);
    EXPECT_TRUE(gaps().empty());
}

// After a broken connection, earlier messages may be lost.
TEST_P(IntakeTest, RefusesBatchesBeforeHello) {
    TestAgent agent = intake_.agent();
    agent.send(sample_batch(stream_, 11, 12));
    agent.send(sample_batch(stream_, 13, 14));
    const auto answer = agent.receive();
    ASSERT_TRUE(answer && answer->has_refusal());
    EXPECT_NE(answer->refusal().reason().find("Hello"), std::string::npos);
    ASSERT_TRUE(agent.greet(stream_));
    agent.send(sample_batch(stream_, 1, 2));
    EXPECT_TRUE(agent.await_ack(2));
    EXPECT_EQ(stored(), 2u);
    EXPECT_TRUE(gaps().empty());
}

TEST_P(IntakeTest, RefusesBatchesOfAnotherStream) {
    TestAgent agent = intake_.agent();
    ASSERT_TRUE(agent.greet(stream_));
    agent.send(sample_batch(random_id<StreamId>(), 1, 2));
    const auto answer = agent.receive();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->has_refusal());
    EXPECT_EQ(stored(), 0u);
}

TEST_P(IntakeTest, IdentifiesAgentsByTheKeyOnly) {
    TestAgent one = intake_.agent("one");
    TestAgent two = intake_.agent("two");
    ASSERT_TRUE(one.greet(stream_));
    ASSERT_TRUE(two.greet(stream_)); // the same stream id: another stream
    one.send(sample_batch(stream_, 1, 3));
    two.send(sample_batch(stream_, 1, 2));
    ASSERT_TRUE(one.await_ack(3));
    ASSERT_TRUE(two.await_ack(2));
    EXPECT_EQ(stored({.agent = one.key()}), 3u);
    EXPECT_EQ(stored({.agent = two.key()}), 2u);
}

TEST_P(IntakeTest, RefusesInvalidMessages) {
    TestAgent agent = intake_.agent();
    wire::FromAgent two_bodies = sample_batch(stream_, 1, 1);
    std::string doubled = two_bodies.SerializeAsString() + two_bodies.SerializeAsString();
    wire::FromAgent short_stream = sample_batch(stream_, 1, 1);
    short_stream.mutable_batch()->set_stream("short");
    const std::string truncated = sample_batch(stream_, 1, 1).SerializeAsString().substr(0, 100);
    const std::vector<std::string> bad{"",
                                       "hello",
                                       std::string(100, '\xff'),
                                       doubled,
                                       truncated,
                                       short_stream.SerializeAsString(),
                                       std::string("\x0a\x00", 2)};
    std::uint64_t expected = 0;
    for (const std::string& bytes : bad) {
        ASSERT_TRUE(agent.greet(stream_));
        agent.send_bytes(bytes);
        const auto answer = agent.receive();
        ASSERT_TRUE(answer && answer->has_refusal()) << expected;
        ++expected;
    }
    agent.send_frames({"one", "two"});
    ASSERT_TRUE(agent.receive());
    // The empty Hello has no version.
    EXPECT_EQ(intake_.refused(MessageFault::malformed), expected);
    EXPECT_EQ(intake_.refused(MessageFault::wrong_version), 1u);
    ASSERT_TRUE(agent.greet(stream_));
    agent.send(sample_batch(stream_, 1, 3));
    EXPECT_TRUE(agent.await_ack(3));
    EXPECT_EQ(stored(), 3u);
}

TEST_P(IntakeTest, RefusesAnotherProtocolVersion) {
    TestAgent agent = intake_.agent();
    wire::FromAgent message;
    message.mutable_hello()->set_protocol(2);
    message.mutable_hello()->set_stream(std::string(16, 's'));
    message.mutable_hello()->set_boot_id(std::string(16, 'b'));
    agent.send(message);
    const auto answer = agent.receive();
    ASSERT_TRUE(answer && answer->has_refusal());
    EXPECT_NE(answer->refusal().reason().find("protocol 1"), std::string::npos);
    EXPECT_EQ(intake_.refused(MessageFault::wrong_version), 1u);
}

TEST_P(IntakeTest, RefusesAnOversizedMessageAndDisconnectsALargerOne) {
    TestAgent agent = intake_.agent();
    ASSERT_TRUE(agent.greet(stream_));
    EXPECT_EQ(agent.await_event(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    agent.send_bytes(std::string(maximum_message + 1, 'x'));
    const auto answer = agent.receive();
    ASSERT_TRUE(answer && answer->has_refusal());
    EXPECT_EQ(intake_.refused(MessageFault::oversized), 1u);
    agent.send_bytes(std::string(maximum_message * 2, 'x'));
    EXPECT_EQ(agent.await_event(), ZMQ_EVENT_DISCONNECTED);
    agent.reconnect();
    ASSERT_TRUE(agent.greet(stream_));
    agent.send(sample_batch(stream_, 1, 3));
    EXPECT_TRUE(agent.await_ack(3));
}

TEST_P(IntakeTest, AnInvalidRecordAffectsNoOther) {
    TestAgent agent = intake_.agent();
    ASSERT_TRUE(agent.greet(stream_));
    wire::FromAgent message = sample_batch(stream_, 1, 8);
    const auto finding = [&](int index) {
        return message.mutable_batch()->mutable_records(index)->mutable_finding();
    };
    finding(1)->set_id("short");
    finding(2)->set_activity("Not an activity");
    finding(3)->set_certainty(static_cast<wire::Certainty>(9));
    finding(4)->set_record("another record");
    finding(5)->mutable_subject()->mutable_process()->set_command(std::string(100000, 'c'));
    message.mutable_batch()->mutable_records(6)->clear_finding();
    agent.send(message);
    EXPECT_TRUE(agent.await_ack(8));
    EXPECT_EQ(stored(), 2u);
    EXPECT_EQ(intake_.counters.rejected_records.load(), 6u);
    EXPECT_EQ(gaps().size(), 6u);
}

TEST_P(IntakeTest, RejectsTextThatIsNotUtf8) {
    TestAgent agent = intake_.agent();
    ASSERT_TRUE(agent.greet(stream_));
    std::string bytes = sample_batch(stream_, 1, 1).SerializeAsString();
    const std::size_t at = bytes.find("kworker/0:1");
    ASSERT_NE(at, std::string::npos);
    bytes[at] = '\xff';
    agent.send_bytes(bytes);
    EXPECT_TRUE(agent.await_ack(1));
    EXPECT_EQ(stored(), 0u);
    EXPECT_EQ(gaps().at(0).detail, "record 1: finding is not protobuf");
}

TEST_P(IntakeTest, DisconnectsARevokedAgent) {
    TestAgent agent = intake_.agent();
    ASSERT_TRUE(agent.greet(stream_));
    agent.send(sample_batch(stream_, 1, 1));
    ASSERT_TRUE(agent.await_ack(1));
    intake_.revoke(agent.key());
    // The collector reloads enrolments by itself.
    std::optional<wire::FromCollector> answer;
    std::uint64_t sent = 1;
    std::uint64_t acknowledged = 1;
    for (int i = 0; i < 100 && !(answer && answer->has_refusal()); ++i) {
        ++sent;
        agent.send(sample_batch(stream_, sent, sent));
        answer = agent.receive();
        if (answer && answer->has_ack())
            acknowledged = std::max(acknowledged, answer->ack().acknowledged());
        std::this_thread::sleep_for(100ms);
    }
    ASSERT_TRUE(answer && answer->has_refusal());
    EXPECT_EQ(stored(), acknowledged) << "the store may know of it before the intake";
    EXPECT_EQ(intake_.refused(MessageFault::revoked), 1u);
}

// An agent with a wrong clock: its times are stored unchanged, and nothing depends on them.
TEST_P(IntakeTest, OnlyShowsTimesOfAWrongClock) {
    constexpr std::int64_t day = 86'400'000'000'000;
    TestAgent agent = intake_.agent();
    ASSERT_TRUE(agent.greet(stream_));
    std::uint64_t sequence = 0;
    for (const std::int64_t step : {day, -day, 400 * day}) {
        wire::FromAgent message;
        message.mutable_heartbeat()->set_time_ns(wall_now().ns + step);
        message.mutable_heartbeat()->set_heartbeat_interval_ns(1'000'000'000);
        agent.send(message);
        wire::FromAgent batch = sample_batch(stream_, sequence + 1, sequence + 1);
        wire::Finding& finding = *batch.mutable_batch()->mutable_records(0)->mutable_finding();
        finding.set_changed_ns(wall_now().ns + step);
        agent.send(batch);
        EXPECT_TRUE(agent.await_ack(++sequence));
    }
    const auto found = all_findings();
    ASSERT_EQ(found.size(), 3u);
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].sequence, i + 1);
        EXPECT_LT(std::abs(found[i].received_at.ns - wall_now().ns), day / 2);
    }
    EXPECT_LT(std::abs(store_->agents()->front().last_seen_at.ns - wall_now().ns), day / 2);
    EXPECT_TRUE(store_->visibility({}, std::nullopt, 10)->items.empty());
}

TEST_P(IntakeTest, ASilentAgentOpensARecordThatItsNextHeartbeatCloses) {
    TestAgent agent = intake_.agent();
    ASSERT_TRUE(agent.greet(stream_));
    wire::FromAgent heartbeat;
    heartbeat.mutable_heartbeat()->set_heartbeat_interval_ns(1'000'000'000);
    agent.send(heartbeat);
    const auto wait_for_open = [&](std::size_t count) {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (open_records().size() != count && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(50ms);
        return open_records();
    };
    // Other messages do not count: the thread that watches the host may hang.
    for (std::uint64_t i = 1; i <= 3; ++i) {
        std::this_thread::sleep_for(700ms);
        agent.send(sample_batch(stream_, i, i));
    }
    const auto silent = wait_for_open(1);
    ASSERT_EQ(silent.size(), 1u);
    EXPECT_EQ(silent[0].reason, VisibilityReason::silent);
    agent.send(heartbeat);
    EXPECT_TRUE(wait_for_open(0).empty());
    wire::FromAgent goodbye;
    goodbye.mutable_goodbye();
    agent.send(goodbye);
    const auto stopped = wait_for_open(1);
    ASSERT_EQ(stopped.size(), 1u);
    EXPECT_EQ(stopped[0].reason, VisibilityReason::stopped);
    intake_.revoke(agent.key());
    EXPECT_TRUE(wait_for_open(0).empty());
}

TEST_P(IntakeTest, RefusesGoodbyeWithoutHello) {
    TestAgent agent = intake_.agent();
    wire::FromAgent goodbye;
    goodbye.mutable_goodbye();
    agent.send(goodbye);
    const auto answer = agent.receive();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->has_refusal());
    EXPECT_EQ(intake_.refused(MessageFault::unexpected), 1u);
}

TEST_P(IntakeTest, StoresHeartbeats) {
    TestAgent agent = intake_.agent();
    ASSERT_TRUE(agent.greet(stream_));
    wire::FromAgent message;
    message.mutable_heartbeat()->set_windows(17);
    agent.send(message);
    agent.send(sample_batch(stream_, 1, 1)); // its ack comes after the heartbeat
    ASSERT_TRUE(agent.await_ack(1));
    const auto agents = store_->agents();
    ASSERT_EQ(agents->size(), 1u);
    EXPECT_EQ(agents->at(0).heartbeat.windows(), 17u);
}

TEST_P(IntakeTest, ReportsEachCommit) {
    intake_.stop();
    std::atomic<Cursor> last;
    intake_.on_commit = [&](const Outcome& outcome) { last = outcome.last_finding; };
    start();
    TestAgent agent = intake_.agent();
    ASSERT_TRUE(agent.greet(stream_));
    agent.send(sample_batch(stream_, 1, 4));
    ASSERT_TRUE(agent.await_ack(4));
    const Cursor stored = *store_->last_finding();
    for (int i = 0; i < 1000 && last.load() != stored; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_EQ(last.load(), stored);
}

/// Sends sequences 1..last like an agent with an outbox: sends unacknowledged records again after
/// each Hello, and a new Hello after a Refusal.
void send_all(TestAgent& agent, const StreamId& stream, std::uint64_t last,
              const std::vector<wire::FromAgent>& batches, std::uint64_t per_batch) {
    constexpr std::uint64_t window = 20;
    std::uint64_t acknowledged = 0;
    while (acknowledged < last) {
        const auto welcome = agent.greet(stream);
        if (!welcome) continue;
        acknowledged = welcome->acknowledged();
        std::uint64_t next = acknowledged / per_batch;
        for (bool is_good = true; is_good && acknowledged < last;) {
            while (next < batches.size() && next * per_batch < acknowledged + window * per_batch)
                agent.send(batches[next++]);
            const auto answer = agent.receive(500ms);
            is_good = answer && answer->has_ack();
            if (is_good) acknowledged = std::max(acknowledged, answer->ack().acknowledged());
        }
    }
}

TEST_P(IntakeTest, AKeyOverItsQuotaIsRefusedAndLosesNothing) {
    intake_.stop();
    intake_.quotas = {.records_per_minute = 60, .new_streams_per_hour = 3};
    start();
    TestAgent greedy = intake_.agent("greedy");
    TestAgent modest = intake_.agent("modest");
    ASSERT_TRUE(greedy.greet(stream_));
    const StreamId other = random_id<StreamId>();
    ASSERT_TRUE(modest.greet(other));
    greedy.send(sample_batch(stream_, 1, 700));
    EXPECT_TRUE(greedy.await_ack(700)); // one message may use more than is left
    greedy.send(sample_batch(stream_, 701, 702));
    const auto refusal = greedy.receive();
    ASSERT_TRUE(refusal && refusal->has_refusal());
    EXPECT_NE(refusal->refusal().reason().find("quota"), std::string::npos);
    modest.send(sample_batch(other, 1, 5));
    EXPECT_TRUE(modest.await_ack(5));
    EXPECT_EQ(stored(), 705u);
    EXPECT_TRUE(gaps().empty());
    EXPECT_GE(intake_.refused(MessageFault::over_quota), 1u);
    for (int i = 0; i < 1000 && open_records().empty(); ++i) std::this_thread::sleep_for(10ms);
    const auto records = open_records();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].reason, VisibilityReason::over_quota);
    EXPECT_EQ(records[0].agent_name, "greedy");
    // With a larger quota it goes on where it was refused.
    intake_.stop();
    intake_.quotas = {};
    start();
    greedy.reconnect();
    const auto welcome = greedy.greet(stream_);
    ASSERT_TRUE(welcome);
    EXPECT_EQ(welcome->acknowledged(), 700u);
    greedy.send(sample_batch(stream_, 701, 702));
    EXPECT_TRUE(greedy.await_ack(702));
    EXPECT_TRUE(gaps().empty());
}

TEST_P(IntakeTest, AKeyCannotBeginStreamsWithoutEnd) {
    intake_.stop();
    intake_.quotas = {.records_per_minute = 0, .new_streams_per_hour = 3};
    start();
    TestAgent agent = intake_.agent();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(agent.greet(random_id<StreamId>()));
    EXPECT_FALSE(agent.greet(random_id<StreamId>(), 1s));
    EXPECT_GE(intake_.refused(MessageFault::over_quota), 1u);
}

TEST_P(IntakeTest, ABurstOverRestartsArrivesExactlyOnce) {
    TestAgent agent = intake_.agent();
    const std::string endpoint = intake_.endpoint();
    constexpr std::uint64_t per_batch = 50;
    constexpr std::uint64_t batches = 400;
    std::vector<wire::FromAgent> sent;
    std::set<std::string> ids;
    for (std::uint64_t i = 0; i < batches; ++i) {
        sent.push_back(sample_batch(stream_, i * per_batch + 1, (i + 1) * per_batch));
        for (const auto& record : sent.back().batch().records()) ids.insert(record.finding().id());
    }
    std::thread sender([&] { send_all(agent, stream_, batches * per_batch, sent, per_batch); });
    for (int restart = 0; restart < 3; ++restart) {
        std::this_thread::sleep_for(30ms);
        intake_.stop();
        store_.reset();
        open();
        start();
    }
    sender.join();
    const auto found = all_findings();
    ASSERT_EQ(found.size(), batches * per_batch);
    for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(found[i].sequence, i + 1);
        ids.erase(found[i].finding.id());
    }
    EXPECT_TRUE(ids.empty());
    EXPECT_TRUE(gaps().empty());
}

FOR_EACH_DATABASE(IntakeTest);

} // namespace
} // namespace minewarden::collector
