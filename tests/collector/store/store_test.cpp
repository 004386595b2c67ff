// SPDX-License-Identifier: Apache-2.0
// Tests for both stores.
#include "tests/collector/support/samples.h"
#include "tests/collector/support/test_database.h"

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

class StoreTest : public test::WithDatabase {
  protected:
    void SetUp() override {
        WithDatabase::SetUp();
        if (!IsSkipped()) reopen();
    }

    void reopen() {
        store_.reset();
        store_ = open_store();
        ASSERT_TRUE(store_);
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

    /// In the order of commits.
    FindingPage page(const FindingFilter& filter, Cursor after, std::size_t limit) {
        auto page = store_->findings_after(filter, after, limit);
        EXPECT_TRUE(page) << page.error().message;
        return page ? *page : FindingPage{};
    }
    std::vector<FindingSummary> findings(const FindingFilter& filter = {}) {
        return page(filter, Cursor(), 1000).findings;
    }
    FindingList newest(const FindingFilter& filter, std::optional<Cursor> before,
                       std::size_t limit) {
        auto list = store_->newest_findings(filter, before, limit);
        EXPECT_TRUE(list) << list.error().message;
        return list ? *list : FindingList{};
    }
    /// Newest first.
    std::vector<StoredGap> gaps(const GapFilter& filter = {}) {
        auto list = store_->gaps(filter, std::nullopt, 1000);
        EXPECT_TRUE(list) << list.error().message;
        return list ? list->items : std::vector<StoredGap>{};
    }

    std::unique_ptr<Store> store_;
};

std::string hex_id(const wire::Finding& finding) {
    return to_hex(as_bytes(finding.id()));
}

TEST_P(StoreTest, ReturnsAFindingUnchanged) {
    const StreamKey stream = open_stream();
    const wire::Finding finding = sample_finding();
    const Outcome outcome =
        commit(SampleDelivery(stream).add(1, finding).get(), after(new_year, 3));
    EXPECT_EQ(outcome.positions, std::vector<std::uint64_t>{1});
    EXPECT_EQ(outcome.findings, 1u);
    const FindingPage all = page({}, Cursor(), 10);
    ASSERT_EQ(all.findings.size(), 1u);
    const FindingSummary& stored = all.findings.front();
    wire::Finding head = finding;
    head.clear_record();
    EXPECT_EQ(stored.finding.SerializeAsString(), head.SerializeAsString());
    EXPECT_EQ(stored.agent, stream.agent);
    EXPECT_EQ(stored.agent_name, "web-1");
    EXPECT_EQ(stored.host_name, "host.example");
    EXPECT_EQ(stored.stream, stream.stream);
    EXPECT_EQ(stored.sequence, 1u);
    EXPECT_EQ(stored.received_at, after(new_year, 3));
    EXPECT_TRUE(stored.current);
    EXPECT_EQ(stored.cursor, outcome.last_finding);
    EXPECT_EQ(all.next, stored.cursor);
    EXPECT_FALSE(all.more);
    const auto whole = store_->finding_at(stored.cursor);
    ASSERT_TRUE(whole && *whole);
    EXPECT_EQ((*whole)->finding.SerializeAsString(), finding.SerializeAsString());
}

TEST_P(StoreTest, SkipsStoredRecords) {
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
    EXPECT_EQ(findings().size(), 3u);
    EXPECT_TRUE(gaps().empty());
}

TEST_P(StoreTest, SeparatesSequencesOfDifferentStreams) {
    const StreamKey one = open_stream();
    const StreamKey two{one.agent, random_id<StreamId>()};
    commit(sample_opening(two));
    const StreamKey three{random_id<CurvePublicKey>(), one.stream};
    commit(sample_opening(three));
    for (const StreamKey& stream : {one, two, three})
        EXPECT_EQ(commit(SampleDelivery(stream).add(1, sample_finding()).get()).findings, 1u);
    EXPECT_EQ(findings().size(), 3u);
}

TEST_P(StoreTest, StoresAGapForAJumpOfSequences) {
    const StreamKey stream = open_stream();
    commit(SampleDelivery(stream).add(1, sample_finding()).get());
    const Outcome outcome = commit(SampleDelivery(stream).add(5, sample_finding()).get());
    EXPECT_EQ(outcome.gaps, 1u);
    EXPECT_EQ(outcome.positions.front(), 5u);
    const auto found = gaps();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].place, "stream");
    EXPECT_EQ(found[0].lost, 3u);
    EXPECT_EQ(found[0].first_sequence, 2u);
    EXPECT_EQ(found[0].last_sequence, 4u);
    EXPECT_EQ(found[0].agent, stream.agent);
}

// Hello has the oldest sequence in the agent's outbox.
TEST_P(StoreTest, StoresAGapForLostRecordsAtHello) {
    const StreamKey stream = open_stream();
    commit(SampleDelivery(stream).add(1, sample_finding()).get());
    Opening again = sample_opening(stream);
    again.first_sequence = 2;
    EXPECT_EQ(commit(again).positions.front(), 1u);
    EXPECT_TRUE(gaps().empty());
    again.first_sequence = 7;
    EXPECT_EQ(commit(again).positions.front(), 6u);
    ASSERT_EQ(gaps().size(), 1u);
    EXPECT_EQ(gaps()[0].first_sequence, 2u);
    EXPECT_EQ(gaps()[0].last_sequence, 6u);
    again.first_sequence = 3;
    EXPECT_EQ(commit(again).positions.front(), 6u);
    EXPECT_EQ(commit(SampleDelivery(stream).add(7, sample_finding()).get()).gaps, 0u);
}

TEST_P(StoreTest, StoresReportedGapsAndRejectedRecords) {
    const StreamKey stream = open_stream();
    const GapArrival gap{"ring.process", 7, new_year, after(new_year, 10), "ring buffer full"};
    const Outcome outcome =
        commit(SampleDelivery(stream).add(1, gap).add(2, RejectedRecord{"no such activity"}).get());
    EXPECT_EQ(outcome.positions.front(), 2u);
    EXPECT_EQ(outcome.rejected, 1u);
    const auto found = gaps(); // newest first
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[1].place, "ring.process");
    EXPECT_EQ(found[1].lost, 7u);
    EXPECT_EQ(found[1].until, after(new_year, 10));
    EXPECT_EQ(found[1].first_sequence, std::nullopt);
    EXPECT_EQ(found[0].place, "intake");
    EXPECT_EQ(found[0].detail, "record 2: no such activity");
    const auto first = store_->gaps({}, std::nullopt, 1);
    ASSERT_TRUE(first && first->before);
    const auto second = store_->gaps({}, first->before, 1);
    ASSERT_EQ(second->items.size(), 1u);
    EXPECT_EQ(second->items[0].place, "ring.process");
    EXPECT_FALSE(second->before);
    EXPECT_EQ(store_->count_gaps({})->matches, 2u);
    EXPECT_TRUE(gaps({.agent = random_id<CurvePublicKey>()}).empty());
    EXPECT_EQ(gaps({.since = after(new_year, 1)}).size(), 0u);
    EXPECT_EQ(gaps({.until = after(new_year, 1)}).size(), 2u);
}

TEST_P(StoreTest, StoresNothingForAnUnopenedStream) {
    const StreamKey stream{random_id<CurvePublicKey>(), random_id<StreamId>()};
    const Outcome outcome = commit(SampleDelivery(stream).add(1, sample_finding()).get());
    EXPECT_EQ(outcome.positions.front(), 0u);
    EXPECT_TRUE(findings().empty());
}

TEST_P(StoreTest, CommitsArrivalsInOrderAndTogether) {
    const StreamKey stream{random_id<CurvePublicKey>(), random_id<StreamId>()};
    const auto delivery = SampleDelivery(stream).add(1, sample_finding()).add(2, sample_finding());
    const std::vector<Arrival> arrivals{sample_opening(stream), delivery.get(),
                                        sample_opening(stream)};
    const auto outcome = store_->commit(arrivals, new_year);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->positions, (std::vector<std::uint64_t>{0, 2, 2}));
}

TEST_P(StoreTest, TheNewestVersionIsCurrent) {
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

    EXPECT_EQ(findings().size(), 4u);
    const auto current = findings({.current_only = true});
    ASSERT_EQ(current.size(), 2u);
    EXPECT_EQ(current[0].finding.id(), other.id());
    EXPECT_EQ(current[1].finding.version(), 3u);

    const auto history =
        store_->history(stream.agent, *FindingId::from(as_bytes(finding.id())), 10);
    ASSERT_TRUE(history) << history.error().message;
    ASSERT_EQ(history->size(), 3u);
    EXPECT_EQ((*history)[0].finding.version(), 3u);
    EXPECT_EQ((*history)[2].finding.version(), 1u);
    EXPECT_FALSE((*history)[2].current);
    const auto version =
        store_->find_version(stream.agent, *FindingId::from(as_bytes(finding.id())), 2);
    ASSERT_TRUE(version && *version);
    EXPECT_EQ((*version)->finding.certainty(), wire::CERTAINTY_CONFIRMED);
    EXPECT_EQ((*version)->finding.record(), finding.record());
    EXPECT_FALSE(*store_->find_version(random_id<CurvePublicKey>(),
                                       *FindingId::from(as_bytes(finding.id())), 2));
}

TEST_P(StoreTest, SupersedesWithinOneCommit) {
    const StreamKey stream = open_stream();
    wire::Finding finding = sample_finding();
    SampleDelivery delivery(stream);
    for (std::uint32_t version = 1; version <= 3; ++version) {
        finding.set_version(version);
        delivery.add(version, finding);
    }
    commit(delivery.get());
    const auto current = findings({.current_only = true});
    ASSERT_EQ(current.size(), 1u);
    EXPECT_EQ(current[0].finding.version(), 3u);
}

TEST_P(StoreTest, AnAgentThatLostItsStateSupersedesItsOldFindings) {
    const StreamKey before = open_stream();
    const wire::Finding finding = sample_finding();
    commit(SampleDelivery(before).add(1, finding).get());
    const StreamKey afterwards{before.agent, random_id<StreamId>()};
    commit(sample_opening(afterwards));
    commit(SampleDelivery(afterwards).add(1, finding).get());
    EXPECT_EQ(findings({.current_only = true}).size(), 1u);
}

TEST_P(StoreTest, AnAgentCannotSupersedeAnothersFinding) {
    const StreamKey one = open_stream();
    const StreamKey two = open_stream(random_id<CurvePublicKey>(), "web-2");
    wire::Finding finding = sample_finding();
    commit(SampleDelivery(one).add(1, finding).get());
    finding.set_version(2);
    finding.set_state(wire::FINDING_STATE_CLOSED);
    commit(SampleDelivery(two).add(1, finding).get());
    EXPECT_EQ(findings({.current_only = true}).size(), 2u);
    EXPECT_EQ(store_->find(*FindingIdPrefix::parse(hex_id(finding)), 10)->size(), 2u);
    EXPECT_EQ(store_->history(one.agent, *FindingId::from(as_bytes(finding.id())), 10)->size(), 1u);
}

TEST_P(StoreTest, FiltersFindings) {
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
        EXPECT_EQ(store_->count_findings(filter)->matches, findings(filter).size());
        for (const FindingSummary& found : findings(filter))
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

TEST_P(StoreTest, PagesThroughFindingsWithoutMissingOrRepeating) {
    const StreamKey stream = open_stream();
    SampleDelivery delivery(stream);
    for (std::uint64_t sequence = 1; sequence <= 25; ++sequence)
        delivery.add(sequence, sample_finding());
    commit(delivery.get());
    std::vector<std::uint64_t> seen;
    Cursor after;
    for (int pages = 0; pages < 4; ++pages) {
        const FindingPage one = page({}, after, 10);
        for (const FindingSummary& found : one.findings) seen.push_back(found.sequence);
        EXPECT_EQ(one.more, pages < 2);
        after = one.next;
    }
    ASSERT_EQ(seen.size(), 25u);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST_P(StoreTest, ListsNewestFirst) {
    const StreamKey stream = open_stream();
    SampleDelivery delivery(stream);
    for (std::uint64_t sequence = 1; sequence <= 25; ++sequence)
        delivery.add(sequence, sample_finding());
    commit(delivery.get());
    std::vector<std::uint64_t> seen;
    std::optional<Cursor> before;
    for (int pages = 0; pages < 3; ++pages) {
        const FindingList list = newest({}, before, 10);
        EXPECT_EQ(list.newest, *store_->last_finding());
        for (const FindingSummary& found : list.findings) seen.push_back(found.sequence);
        EXPECT_EQ(list.before.has_value(), pages < 2);
        before = list.before;
    }
    ASSERT_EQ(seen.size(), 25u);
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], 25 - i);
    // Later commits are on no older page, but after `newest`.
    const FindingList first = newest({}, std::nullopt, 10);
    commit(SampleDelivery(stream).add(26, sample_finding()).get());
    EXPECT_EQ(newest({}, first.before, 10).findings.front().sequence, 15u);
    const FindingPage news = page({}, first.newest, 10);
    ASSERT_EQ(news.findings.size(), 1u);
    EXPECT_EQ(news.findings[0].sequence, 26u);
}

TEST_P(StoreTest, CountsExactlyUpToTenThousand) {
    const StreamKey stream = open_stream();
    std::uint64_t sequence = 0;
    const auto add = [&](int count) {
        SampleDelivery delivery(stream);
        for (int i = 0; i < count; ++i) delivery.add(++sequence, sample_finding());
        commit(delivery.get());
    };
    EXPECT_EQ(store_->count_findings({})->matches, 0u);
    add(10'000);
    EXPECT_EQ(store_->count_findings({})->matches, 10'000u);
    EXPECT_TRUE(store_->count_findings({})->is_exact);
    add(1);
    EXPECT_EQ(store_->count_findings({})->matches, 10'000u);
    EXPECT_FALSE(store_->count_findings({})->is_exact);
    EXPECT_EQ(store_->count_findings({.certainty = wire::CERTAINTY_CONFIRMED})->matches, 0u);
}

TEST_P(StoreTest, RefusesACursorThatIsNewerThanAllFindings) {
    const StreamKey stream = open_stream();
    commit(SampleDelivery(stream).add(1, sample_finding()).get());
    const auto page = store_->findings_after({}, *Cursor::parse("7fffffffffffffff"), 10);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().kind, ErrorKind::data);
}

TEST_P(StoreTest, FindsByTheFirstDigitsOfAnId) {
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

// More findings than one run of the index by id: some are in the table and some in the tail.
// Repeats it with a new writer, without a cache.
TEST_P(StoreTest, ReturnsAgentsAndTheirLastHeartbeat) {
    const StreamKey stream = open_stream();
    wire::Heartbeat heartbeat;
    heartbeat.set_windows(7);
    const std::string first = heartbeat.SerializeAsString();
    commit(HeartbeatArrival{stream.agent, as_bytes(first), {}}, after(new_year, 10));
    heartbeat.set_windows(8);
    const std::string second = heartbeat.SerializeAsString();
    commit(HeartbeatArrival{stream.agent, as_bytes(second), {}}, after(new_year, 20));
    commit(HeartbeatArrival{random_id<CurvePublicKey>(), as_bytes(second), {}}); // an unknown agent
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

TEST_P(StoreTest, StoresARuleSetOnce) {
    const StreamKey one = open_stream();
    const StreamKey two = open_stream(random_id<CurvePublicKey>(), "web-2");
    wire::RuleSet rules;
    rules.set_digest(std::string(32, 'd'));
    rules.add_files()->set_name("stratum.yaml");
    const std::string bytes = rules.SerializeAsString();
    const Digest digest = *Digest::from(as_bytes(rules.digest()));
    for (const StreamKey& stream : {one, two})
        commit(SampleDelivery(stream).add(1, RuleSetArrival{digest, as_bytes(bytes)}).get());
    EXPECT_EQ(store_->status()->of(DataClass::rule_sets).rows, 1u);
    const auto found = store_->rule_set(digest);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->files(0).name(), "stratum.yaml");
    EXPECT_FALSE(*store_->rule_set(random_id<Digest>()));
}

FOR_EACH_DATABASE(StoreTest);

} // namespace
} // namespace minewarden::collector
