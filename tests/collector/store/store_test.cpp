// SPDX-License-Identifier: Apache-2.0
// What every store must do, whichever database is behind it.
#include "collector/store/sqlite/sqlite_store.h"
#include "tests/collector/support/samples.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace minewarden::collector {
namespace {

using test::after;
using test::new_year;
using test::random_id;
using test::sample_finding;
using test::sample_opening;
using test::SampleDelivery;

class StoreTest : public testing::Test {
  protected:
    void SetUp() override { reopen(); }

    void reopen() {
        store_.reset();
        auto store = open_sqlite_store(directory_.path() / "store.sqlite");
        ASSERT_TRUE(store) << store.error().message;
        store_ = std::move(*store);
    }

    StreamKey open_stream(CurvePublicKey agent = random_id<CurvePublicKey>(),
                          std::string name = "web-1") {
        const StreamKey key{agent, random_id<StreamId>()};
        commit(sample_opening(key, std::move(name)));
        return key;
    }

    Outcome commit(Arrival arrival, WallTime now = new_year) {
        const std::vector<Arrival> arrivals{std::move(arrival)};
        auto outcome = store_->commit(arrivals, now);
        EXPECT_TRUE(outcome) << outcome.error().message;
        return outcome ? *outcome : Outcome{};
    }

    FindingPage findings(const FindingFilter& filter = {}) {
        auto page = store_->findings(filter);
        EXPECT_TRUE(page) << page.error().message;
        return page ? *page : FindingPage{};
    }

    TemporaryDirectory directory_;
    std::unique_ptr<Store> store_;
};

std::string hex_id(const wire::Finding& finding) {
    return to_hex(as_bytes(finding.id()));
}

TEST_F(StoreTest, ReturnsAFindingAsItCame) {
    const StreamKey stream = open_stream();
    const wire::Finding finding = sample_finding();
    const Outcome outcome =
        commit(SampleDelivery(stream).add(1, finding).get(), after(new_year, 3));
    EXPECT_EQ(outcome.positions, std::vector<std::uint64_t>{1});
    EXPECT_EQ(outcome.findings, 1u);
    const FindingPage page = findings();
    ASSERT_EQ(page.findings.size(), 1u);
    const StoredFinding& stored = page.findings.front();
    EXPECT_EQ(stored.finding.SerializeAsString(), finding.SerializeAsString());
    EXPECT_EQ(stored.agent, stream.agent);
    EXPECT_EQ(stored.agent_name, "web-1");
    EXPECT_EQ(stored.stream, stream.stream);
    EXPECT_EQ(stored.sequence, 1u);
    EXPECT_EQ(stored.received_at, after(new_year, 3));
    EXPECT_TRUE(stored.current);
    EXPECT_EQ(stored.cursor, outcome.last_finding);
    EXPECT_EQ(page.next, stored.cursor);
    EXPECT_FALSE(page.more);
}

TEST_F(StoreTest, SkipsRecordsItHas) {
    const StreamKey stream = open_stream();
    const auto first = SampleDelivery(stream).add(1, sample_finding()).add(2, sample_finding());
    commit(first.get());
    EXPECT_EQ(commit(first.get()).duplicates, 2u);
    reopen();
    EXPECT_EQ(commit(sample_opening(stream)).positions.front(), 2u);
    const auto second = SampleDelivery(stream).add(2, sample_finding()).add(3, sample_finding());
    const Outcome outcome = commit(second.get());
    EXPECT_EQ(outcome.duplicates, 1u);
    EXPECT_EQ(outcome.positions.front(), 3u);
    EXPECT_EQ(findings().findings.size(), 3u);
    EXPECT_TRUE(store_->gaps({})->gaps.empty());
}

TEST_F(StoreTest, KeepsEqualSequencesOfDifferentStreamsApart) {
    const StreamKey one = open_stream();
    const StreamKey two{one.agent, random_id<StreamId>()};
    commit(sample_opening(two));
    const StreamKey three{random_id<CurvePublicKey>(), one.stream};
    commit(sample_opening(three));
    for (const StreamKey& stream : {one, two, three})
        EXPECT_EQ(commit(SampleDelivery(stream).add(1, sample_finding()).get()).findings, 1u);
    EXPECT_EQ(findings().findings.size(), 3u);
}

TEST_F(StoreTest, NotesAJumpOfSequences) {
    const StreamKey stream = open_stream();
    commit(SampleDelivery(stream).add(1, sample_finding()).get());
    const Outcome outcome = commit(SampleDelivery(stream).add(5, sample_finding()).get());
    EXPECT_EQ(outcome.gaps, 1u);
    EXPECT_EQ(outcome.positions.front(), 5u);
    const auto page = store_->gaps({});
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->gaps.size(), 1u);
    EXPECT_EQ(page->gaps[0].place, "stream");
    EXPECT_EQ(page->gaps[0].lost, 3u);
    EXPECT_EQ(page->gaps[0].first_sequence, 2u);
    EXPECT_EQ(page->gaps[0].last_sequence, 4u);
    EXPECT_EQ(page->gaps[0].agent, stream.agent);
}

TEST_F(StoreTest, KeepsGapsThatAgentsReportAndRejectedRecords) {
    const StreamKey stream = open_stream();
    const GapArrival gap{"ring.process", 7, new_year, after(new_year, 10), "ring buffer full"};
    const Outcome outcome =
        commit(SampleDelivery(stream).add(1, gap).add(2, RejectedRecord{"no such activity"}).get());
    EXPECT_EQ(outcome.positions.front(), 2u);
    EXPECT_EQ(outcome.rejected, 1u);
    const GapPage page = *store_->gaps({});
    ASSERT_EQ(page.gaps.size(), 2u);
    EXPECT_EQ(page.gaps[0].place, "ring.process");
    EXPECT_EQ(page.gaps[0].lost, 7u);
    EXPECT_EQ(page.gaps[0].until, after(new_year, 10));
    EXPECT_EQ(page.gaps[0].first_sequence, std::nullopt);
    EXPECT_EQ(page.gaps[1].place, "intake");
    EXPECT_EQ(page.gaps[1].detail, "record 2: no such activity");
    const GapPage first = *store_->gaps({.limit = 1});
    EXPECT_TRUE(first.more);
    EXPECT_EQ(store_->gaps({.after = first.next})->gaps.size(), 1u);
    EXPECT_TRUE(store_->gaps({.agent = random_id<CurvePublicKey>()})->gaps.empty());
}

TEST_F(StoreTest, StoresNothingForAStreamNeverOpened) {
    const StreamKey stream{random_id<CurvePublicKey>(), random_id<StreamId>()};
    const Outcome outcome = commit(SampleDelivery(stream).add(1, sample_finding()).get());
    EXPECT_EQ(outcome.positions.front(), 0u);
    EXPECT_TRUE(findings().findings.empty());
}

TEST_F(StoreTest, CommitsArrivalsInOrderInOneGo) {
    const StreamKey stream{random_id<CurvePublicKey>(), random_id<StreamId>()};
    const auto delivery = SampleDelivery(stream).add(1, sample_finding()).add(2, sample_finding());
    const std::vector<Arrival> arrivals{sample_opening(stream), delivery.get(),
                                        sample_opening(stream)};
    const auto outcome = store_->commit(arrivals, new_year);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->positions, (std::vector<std::uint64_t>{0, 2, 2}));
}

TEST_F(StoreTest, TheNewestVersionIsCurrent) {
    const StreamKey stream = open_stream();
    wire::Finding finding = sample_finding();
    const wire::Finding other = sample_finding();
    commit(SampleDelivery(stream).add(1, finding).add(2, other).get());
    finding.set_version(2);
    finding.set_certainty(wire::CERTAINTY_CONFIRMED);
    commit(SampleDelivery(stream).add(3, finding).get());
    finding.set_version(3);
    finding.set_state(wire::FINDING_STATE_CLOSED);
    commit(SampleDelivery(stream).add(4, finding).get());

    EXPECT_EQ(findings().findings.size(), 4u);
    const FindingPage current = findings({.current_only = true});
    ASSERT_EQ(current.findings.size(), 2u);
    EXPECT_EQ(current.findings[0].finding.id(), other.id());
    EXPECT_EQ(current.findings[1].finding.version(), 3u);

    const auto history =
        store_->history(stream.agent, *FindingId::from(as_bytes(finding.id())), 10);
    ASSERT_TRUE(history) << history.error().message;
    ASSERT_EQ(history->size(), 3u);
    EXPECT_EQ((*history)[0].finding.version(), 3u);
    EXPECT_EQ((*history)[2].finding.version(), 1u);
    EXPECT_FALSE((*history)[2].current);
}

TEST_F(StoreTest, AnAgentThatLostItsStateSupersedesItsOldFindings) {
    const StreamKey before = open_stream();
    const wire::Finding finding = sample_finding();
    commit(SampleDelivery(before).add(1, finding).get());
    const StreamKey afterwards{before.agent, random_id<StreamId>()};
    commit(sample_opening(afterwards));
    commit(SampleDelivery(afterwards).add(1, finding).get());
    EXPECT_EQ(findings({.current_only = true}).findings.size(), 1u);
}

TEST_F(StoreTest, AnAgentCannotSupersedeAnothersFinding) {
    const StreamKey one = open_stream();
    const StreamKey two = open_stream(random_id<CurvePublicKey>(), "web-2");
    wire::Finding finding = sample_finding();
    commit(SampleDelivery(one).add(1, finding).get());
    finding.set_version(2);
    finding.set_state(wire::FINDING_STATE_CLOSED);
    commit(SampleDelivery(two).add(1, finding).get());
    EXPECT_EQ(findings({.current_only = true}).findings.size(), 2u);
    EXPECT_EQ(store_->find(*FindingIdPrefix::parse(hex_id(finding)), 10)->size(), 2u);
    EXPECT_EQ(store_->history(one.agent, *FindingId::from(as_bytes(finding.id())), 10)->size(), 1u);
}

TEST_F(StoreTest, FiltersFindings) {
    const StreamKey one = open_stream();
    const StreamKey two = open_stream(random_id<CurvePublicKey>(), "db-1");
    struct Sample {
        StreamKey stream;
        const char* activity;
        wire::Certainty certainty;
        wire::FindingState state;
        std::int64_t second;
    };
    const std::vector<Sample> samples{
        {one, "mining.pow.cpu", wire::CERTAINTY_SUSPECTED, wire::FINDING_STATE_OPEN, 0},
        {two, "mining.pow.gpu", wire::CERTAINTY_PROBABLE, wire::FINDING_STATE_OPEN, 10},
        {one, "mining.pool.client", wire::CERTAINTY_CONFIRMED, wire::FINDING_STATE_CLOSED, 20},
        {two, "node.full", wire::CERTAINTY_PROBABLE, wire::FINDING_STATE_OPEN, 5},
    };
    std::map<StreamKey, std::uint64_t> sequences;
    for (const Sample& sample : samples) {
        wire::Finding finding = sample_finding();
        finding.set_activity(sample.activity);
        finding.set_certainty(sample.certainty);
        finding.set_state(sample.state);
        finding.set_changed_ns(after(new_year, sample.second).ns);
        commit(SampleDelivery(sample.stream).add(++sequences[sample.stream], finding).get());
    }
    const auto matching = [&](const FindingFilter& filter) {
        std::vector<std::string> activities;
        for (const StoredFinding& found : findings(filter).findings)
            activities.push_back(found.finding.activity());
        return activities;
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(matching({.activity = "mining"}),
              (Names{"mining.pow.cpu", "mining.pow.gpu", "mining.pool.client"}));
    EXPECT_EQ(matching({.activity = "mining.pow"}), (Names{"mining.pow.cpu", "mining.pow.gpu"}));
    EXPECT_EQ(matching({.activity = "mining.po"}), Names{});
    EXPECT_EQ(matching({.activity = "mining.pow.cpu"}), Names{"mining.pow.cpu"});
    EXPECT_EQ(matching({.activity = "'; DROP TABLE findings; --"}), Names{});
    EXPECT_EQ(matching({.certainty = wire::CERTAINTY_PROBABLE}),
              (Names{"mining.pow.gpu", "mining.pool.client", "node.full"}));
    EXPECT_EQ(matching({.state = wire::FINDING_STATE_CLOSED}), Names{"mining.pool.client"});
    EXPECT_EQ(matching({.agent = one.agent}), (Names{"mining.pow.cpu", "mining.pool.client"}));
    EXPECT_EQ(matching({.since = after(new_year, 5), .until = after(new_year, 20)}),
              (Names{"mining.pow.gpu", "node.full"}));
    EXPECT_EQ(matching({.since = after(new_year, 21)}), Names{});
    EXPECT_EQ(matching({.until = new_year}), Names{});
    EXPECT_EQ(matching({.activity = "mining",
                        .certainty = wire::CERTAINTY_PROBABLE,
                        .state = wire::FINDING_STATE_OPEN}),
              Names{"mining.pow.gpu"});
}

TEST_F(StoreTest, PagesThroughFindingsWithoutMissingOrRepeating) {
    const StreamKey stream = open_stream();
    SampleDelivery delivery(stream);
    for (std::uint64_t sequence = 1; sequence <= 25; ++sequence)
        delivery.add(sequence, sample_finding());
    commit(delivery.get());
    std::vector<std::uint64_t> seen;
    FindingFilter filter{.limit = 10};
    for (int pages = 0; pages < 4; ++pages) {
        const FindingPage page = findings(filter);
        for (const StoredFinding& found : page.findings) seen.push_back(found.sequence);
        EXPECT_EQ(page.more, pages < 2);
        filter.after = page.next;
    }
    ASSERT_EQ(seen.size(), 25u);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_TRUE(findings({.after = UINT64_MAX}).findings.empty());
}

TEST_F(StoreTest, FindsByTheBeginningOfAnId) {
    const StreamKey stream = open_stream();
    wire::Finding one = sample_finding();
    one.set_id(*from_hex("abcd0123456789abcdef0123456789ab"));
    wire::Finding two = sample_finding();
    two.set_id(*from_hex("abcd1123456789abcdef0123456789ab"));
    commit(SampleDelivery(stream).add(1, one).add(2, two).get());
    const auto count = [&](std::string_view digits) {
        return store_->find(*FindingIdPrefix::parse(digits), 10)->size();
    };
    EXPECT_EQ(count("abcd"), 2u);
    EXPECT_EQ(count("ABCD0"), 1u);
    EXPECT_EQ(count("abcd2"), 0u);
    EXPECT_EQ(count("abcd1123456789abcdef0123456789ab"), 1u);
    EXPECT_FALSE(FindingIdPrefix::parse("abc"));
    EXPECT_FALSE(FindingIdPrefix::parse("abcg"));
    EXPECT_FALSE(FindingIdPrefix::parse("abcd1123456789abcdef0123456789ab0"));
}

// More findings than one run of the index by id, so that some are looked up in the table and some
// in the tail; and again after the memory of the writer is gone.
TEST_F(StoreTest, FindsAndSupersedesAcrossIndexRuns) {
    const StreamKey stream = open_stream();
    const wire::Finding early = sample_finding();
    const wire::Finding late = sample_finding();
    wire::Finding filler = sample_finding();
    filler.set_version(2);
    std::uint64_t sequence = 0;
    commit(SampleDelivery(stream).add(++sequence, early).get());
    for (int batch = 0; batch < 15; ++batch) {
        SampleDelivery delivery(stream);
        for (int i = 0; i < 10000; ++i) delivery.add(++sequence, filler);
        commit(delivery.get());
    }
    commit(SampleDelivery(stream).add(++sequence, late).get());
    const auto find = [&](const wire::Finding& finding) {
        return *store_->find(*FindingIdPrefix::parse(hex_id(finding)), 10);
    };
    EXPECT_EQ(find(early).size(), 1u);
    EXPECT_EQ(find(late).size(), 1u);
    reopen();
    commit(sample_opening(stream));
    for (wire::Finding finding : {early, late}) {
        finding.set_version(2);
        commit(SampleDelivery(stream).add(++sequence, finding).get());
        ASSERT_EQ(find(finding).size(), 1u);
        EXPECT_EQ(find(finding)[0].finding.version(), 2u);
    }
    EXPECT_EQ(findings({.current_only = true}).findings.size(), 3u);
}

TEST_F(StoreTest, KnowsAgentsAndTheirLastHeartbeat) {
    const StreamKey stream = open_stream();
    wire::Heartbeat heartbeat;
    heartbeat.set_windows(7);
    const std::string first = heartbeat.SerializeAsString();
    commit(HeartbeatArrival{stream.agent, as_bytes(first), {}}, after(new_year, 10));
    heartbeat.set_windows(8);
    const std::string second = heartbeat.SerializeAsString();
    commit(HeartbeatArrival{stream.agent, as_bytes(second), {}}, after(new_year, 20));
    commit(HeartbeatArrival{random_id<CurvePublicKey>(), as_bytes(second), {}}); // nobody we know
    open_stream(random_id<CurvePublicKey>(), "aaa");
    const auto agents = store_->agents();
    ASSERT_TRUE(agents) << agents.error().message;
    ASSERT_EQ(agents->size(), 2u);
    EXPECT_EQ((*agents)[0].name, "aaa");
    EXPECT_EQ((*agents)[0].heartbeat_at, std::nullopt);
    EXPECT_EQ((*agents)[1].key, stream.agent);
    EXPECT_EQ((*agents)[1].host_name, "host.example");
    EXPECT_EQ((*agents)[1].heartbeat.windows(), 8u);
    EXPECT_EQ((*agents)[1].heartbeat_at, after(new_year, 20));
    EXPECT_EQ((*agents)[1].last_seen_at, after(new_year, 20));
    EXPECT_EQ((*agents)[1].first_seen_at, new_year);
}

TEST_F(StoreTest, KeepsARuleSetOnce) {
    const StreamKey one = open_stream();
    const StreamKey two = open_stream(random_id<CurvePublicKey>(), "web-2");
    wire::RuleSet rules;
    rules.set_digest(std::string(32, 'd'));
    rules.add_files()->set_name("stratum.yaml");
    const std::string bytes = rules.SerializeAsString();
    const Digest digest = *Digest::from(as_bytes(rules.digest()));
    for (const StreamKey& stream : {one, two})
        commit(SampleDelivery(stream).add(1, RuleSetArrival{digest, as_bytes(bytes)}).get());
    const auto found = store_->rule_set(digest);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->files(0).name(), "stratum.yaml");
    EXPECT_FALSE(*store_->rule_set(random_id<Digest>()));
}

} // namespace
} // namespace minewarden::collector
