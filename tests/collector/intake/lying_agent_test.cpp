// SPDX-License-Identifier: Apache-2.0
// An agent with a valid key that lies in every field of its messages. Records of other agents must
// not change.
#include "collector/service.h"
#include "tests/collector/support/http_client.h"
#include "tests/collector/support/proven.h"
#include "tests/collector/support/samples.h"
#include "tests/collector/support/test_agent.h"
#include "tests/collector/support/test_database.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <thread>

namespace minewarden::collector {
namespace {

using test::finding_of;
using test::http_get;
using test::invented_record;
using test::proven_record;
using test::random_id;
using test::TestAgent;
using namespace std::chrono_literals;

class LyingAgentTest : public test::WithDatabase {
  protected:
    void SetUp() override {
        WithDatabase::SetUp();
        if (IsSkipped()) return;
        auto service = Service::start(
            {.listen = {"ipc://" + (directory_.path() / "intake.sock").string()},
             .keys = keys_,
             .enrolled =
                 std::vector<Enrolment>{{honest_keys_.public_key(), "web-1", wall_now(), {}},
                                        {liar_keys_.public_key(), "web-2", wall_now(), {}}},
             .database = database_->setting(),
             .api_socket = socket_,
             .on_committed = nullptr,
             .recompute = {.round = 10ms}});
        ASSERT_TRUE(service) << service.error().message;
        service_ = std::move(*service);
        honest_.emplace(service_->endpoints().front(), keys_.public_key(), honest_keys_);
        liar_.emplace(service_->endpoints().front(), keys_.public_key(), liar_keys_);
        ASSERT_TRUE(honest_->greet(honest_stream_));
        ASSERT_TRUE(liar_->greet(liar_stream_));
        wire::FromAgent message = batch(honest_stream_, 1);
        *add(message, 1).mutable_rule_set() = test::to_wire(*test::proven_rules());
        *add(message, 2).mutable_finding() = theirs_;
        honest_->send(message);
        ASSERT_TRUE(honest_->await_ack(2));
        wait_until_recomputed(1);
        before_ = of(honest_keys_);
        before_api_ = shown();
        ASSERT_FALSE(before_.empty());
    }
    void TearDown() override {
        if (IsSkipped()) return;
        EXPECT_EQ(of(honest_keys_), before_) << "somebody else's record changed";
        EXPECT_EQ(shown(), before_api_) << "and so did what the API shows of it";
    }

    static wire::FromAgent batch(const StreamId& stream, int) {
        wire::FromAgent message;
        message.mutable_batch()->set_stream(std::string(as_text(stream.view())));
        return message;
    }
    static wire::Record& add(wire::FromAgent& message, std::uint64_t sequence) {
        wire::Record& record = *message.mutable_batch()->add_records();
        record.set_sequence(sequence);
        return record;
    }
    /// All data of an agent in the store, byte for byte.
    std::string of(const CurveKeyPair& keys) {
        std::string all;
        const auto findings = service_->store().whole_findings_after(Cursor(), most);
        for (const StoredFinding& found : *findings) {
            if (found.agent == keys.public_key())
                all += fmt_row(found) + found.finding.SerializeAsString();
        }
        for (const StoredGap& gap : gaps_of(keys)) all += gap.place + gap.detail;
        return all;
    }
    static std::string fmt_row(const StoredFinding& found) {
        return found.cursor.text() + found.agent_name + std::to_string(found.sequence) +
               std::to_string(found.received_at.ns) + (found.current ? "current" : "old") +
               (found.recomputation ? std::string(to_string(found.recomputation->result)) : "-");
    }
    std::string shown() {
        const auto answer = http_get(socket_, "/api/v1/findings/" + to_hex(as_bytes(theirs_.id())));
        EXPECT_EQ(answer.status, 200) << answer.body;
        const auto listed = http_get(socket_, "/api/v1/findings?current=false&agent=web-1");
        return answer.body +
               listed.json()["findings"].dump(); // without "after", which depends on all agents
    }
    void wait_until_recomputed(std::size_t count) {
        for (int i = 0; i < 1000; ++i) {
            const auto page = service_->store().findings_after({}, Cursor(), most);
            const auto made = std::ranges::count_if(page->findings, [](const FindingSummary& f) {
                return f.recomputation.has_value();
            });
            if (static_cast<std::size_t>(made) >= count) return;
            std::this_thread::sleep_for(10ms);
        }
        FAIL() << "not recomputed";
    }
    /// The liar sends this as its record `sequence` and gets the acknowledgement.
    void lie(const wire::Finding& finding) {
        wire::FromAgent message = batch(liar_stream_, 1);
        *add(message, ++told_).mutable_finding() = finding;
        liar_->send(message);
        ASSERT_TRUE(liar_->await_ack(told_));
    }
    std::vector<FindingSummary> lies() {
        return service_->store()
            .findings_after({.agent = liar_keys_.public_key()}, Cursor(), most)
            ->findings;
    }
    /// Newest first.
    std::vector<StoredGap> gaps_of(const CurveKeyPair& keys) {
        return service_->store().gaps({.agent = keys.public_key()}, std::nullopt, most)->items;
    }

    static constexpr std::size_t most = 1000;

    TemporaryDirectory directory_;
    std::filesystem::path socket_ = directory_.path() / "api.sock";
    CurveKeyPair keys_ = CurveKeyPair::generate();
    CurveKeyPair honest_keys_ = CurveKeyPair::generate();
    CurveKeyPair liar_keys_ = CurveKeyPair::generate();
    StreamId honest_stream_ = random_id<StreamId>();
    StreamId liar_stream_ = random_id<StreamId>();
    std::unique_ptr<Service> service_;
    std::optional<TestAgent> honest_;
    std::optional<TestAgent> liar_;
    wire::Finding theirs_ = finding_of(proven_record(), honest_keys_.public_key());
    std::uint64_t told_ = 0;
    std::string before_;
    std::string before_api_;
};

TEST_P(LyingAgentTest, ALaterVersionOfAnotherAgentsFindingBelongsToTheLiar) {
    wire::Finding forged = theirs_;
    forged.set_version(2);
    forged.set_certainty(wire::CERTAINTY_CONFIRMED);
    lie(forged);
    wait_until_recomputed(2);
    ASSERT_EQ(lies().size(), 1u);
    EXPECT_EQ(lies()[0].agent_name, "web-2");
    ASSERT_TRUE(lies()[0].recomputation);
    EXPECT_EQ(lies()[0].recomputation->result, rules::ClaimResult::mismatched);
}

TEST_P(LyingAgentTest, AForgedCloseClosesNothing) {
    wire::Finding forged = theirs_;
    forged.set_version(2);
    forged.set_state(wire::FINDING_STATE_CLOSED);
    forged.set_close_reason("process-exited");
    lie(forged);
    const auto open = service_->store().findings_after(
        {.state = wire::FINDING_STATE_OPEN, .current_only = true}, Cursor(), most);
    ASSERT_EQ(open->findings.size(), 1u);
    EXPECT_EQ(open->findings[0].agent, honest_keys_.public_key());
}

// People find a finding by its id: the liar's use of the id must not hide it.
TEST_P(LyingAgentTest, ManyUsesOfAForeignIdDoNotHideTheFinding) {
    for (std::uint32_t version = 1; version <= 20; ++version) {
        wire::Finding forged = theirs_;
        forged.set_version(version);
        lie(forged);
    }
    const auto record =
        http_get(socket_, "/api/v1/findings/" + to_hex(as_bytes(theirs_.id())) + "/record");
    EXPECT_EQ(record.body, theirs_.record());
}

TEST_P(LyingAgentTest, AReplayedRecordIsStoredAsTheLiarsOwn) {
    // The captured bytes, sent with the liar's key.
    lie(theirs_);
    // With the liar's own id, the evidence is valid, but only for the liar.
    lie(finding_of(proven_record(), liar_keys_.public_key()));
    wait_until_recomputed(3);
    ASSERT_EQ(lies().size(), 2u);
    EXPECT_EQ(lies()[0].recomputation->result, rules::ClaimResult::mismatched);
    EXPECT_EQ(lies()[0].recomputation->differences[0].field, "finding.id");
    EXPECT_EQ(lies()[1].recomputation->result, rules::ClaimResult::matched);
}

TEST_P(LyingAgentTest, TheStreamOfAnotherAgentIsNotReachable) {
    wire::FromAgent message = batch(honest_stream_, 1);
    *add(message, 3).mutable_finding() = finding_of(invented_record(), honest_keys_.public_key());
    liar_->send(message);
    const auto answer = liar_->receive();
    ASSERT_TRUE(answer && answer->has_refusal());
    EXPECT_EQ(service_->counters().refused[static_cast<std::size_t>(MessageFault::unexpected)], 1u);
    // Hello with it opens the liar's own stream, which starts at 0.
    const auto welcome = liar_->greet(honest_stream_);
    ASSERT_TRUE(welcome);
    EXPECT_EQ(welcome->acknowledged(), 0u);
    liar_->send(message);
    ASSERT_TRUE(liar_->await_ack(3));
    EXPECT_EQ(lies().size(), 1u);
    // The other agent continues with its next sequence.
    const auto again = honest_->greet(honest_stream_);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->acknowledged(), 2u);
}

TEST_P(LyingAgentTest, ForeignHostAndSubjectChangeNothing) {
    wire::FromAgent hello;
    hello.mutable_hello()->set_protocol(1);
    hello.mutable_hello()->set_stream(std::string(as_text(liar_stream_.view())));
    hello.mutable_hello()->set_boot_id(std::string(16, 'b'));
    hello.mutable_hello()->set_host_name("web-1");
    liar_->send(hello);
    ASSERT_TRUE(liar_->receive());
    wire::Finding forged = finding_of(invented_record(), liar_keys_.public_key());
    forged.mutable_subject()->mutable_process()->set_command("sshd");
    lie(forged);
    EXPECT_EQ(lies()[0].agent_name, "web-2") << "the name is that of the enrolment";
    const auto agents = service_->store().agents();
    ASSERT_EQ(agents->size(), 2u);
    EXPECT_EQ((*agents)[0].host_name, "host.example");
}

TEST_P(LyingAgentTest, ExtremeTimesChangeNothing) {
    wire::Finding forged = finding_of(proven_record(), liar_keys_.public_key());
    forged.set_opened_ns(INT64_MIN);
    forged.set_changed_ns(INT64_MAX);
    lie(forged);
    wire::FromAgent message = batch(liar_stream_, 1);
    wire::Gap& gap = *add(message, ++told_).mutable_gap();
    gap.set_place("outbox");
    gap.set_lost(UINT64_MAX);
    gap.set_from_ns(INT64_MIN);
    gap.set_until_ns(INT64_MAX);
    liar_->send(message);
    ASSERT_TRUE(liar_->await_ack(told_));
    // Filters use the time of receipt.
    const auto received = lies()[0].received_at;
    EXPECT_LT(std::abs(received.ns - wall_now().ns), 60'000'000'000);
    EXPECT_EQ(http_get(socket_, "/api/v1/gaps").status, 200);
    EXPECT_EQ(http_get(socket_, "/api/v1/findings?since=2020-01-01&current=false").status, 200);
}

TEST_P(LyingAgentTest, HandlesMissingRulesAndAWrongDigest) {
    rules::VerdictRecord record = proven_record();
    record.rule_set = random_id<Digest>();
    lie(finding_of(record, liar_keys_.public_key()));
    wait_until_recomputed(2);
    EXPECT_EQ(lies()[0].recomputation->result, rules::ClaimResult::rules_missing);

    // Other rules with the digest of stored ones: rejected, with the reason.
    wire::RuleSet other = test::to_wire(*test::proven_rules());
    other.mutable_files(0)->set_content("rules: []\n");
    wire::FromAgent message = batch(liar_stream_, 1);
    *add(message, ++told_).mutable_rule_set() = other;
    liar_->send(message);
    ASSERT_TRUE(liar_->await_ack(told_));
    EXPECT_EQ(service_->counters().rejected_records, 1u);
    const auto gaps = gaps_of(liar_keys_);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_NE(gaps[0].detail.find("rules do not match their digest"), std::string::npos);
    const auto kept = service_->store().rule_set(test::proven_rules()->digest());
    ASSERT_TRUE(kept && *kept);
    EXPECT_EQ((*kept)->SerializeAsString(),
              test::to_wire(*test::proven_rules()).SerializeAsString());
}

TEST_P(LyingAgentTest, RejectsARecordWithAWrongHash) {
    wire::Finding forged = finding_of(proven_record(), liar_keys_.public_key());
    forged.set_record(rules::encode_record(invented_record()));
    lie(forged);
    EXPECT_TRUE(lies().empty());
    EXPECT_EQ(service_->counters().rejected_records, 1u);
    const auto gaps = gaps_of(liar_keys_);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_NE(gaps[0].detail.find("SHA-256"), std::string::npos);
}

TEST_P(LyingAgentTest, ShowsAMismatchedVerdict) {
    lie(finding_of(invented_record(), liar_keys_.public_key()));
    wait_until_recomputed(2);
    const auto page = http_get(socket_, "/api/v1/findings?mismatched=true&current=false").json();
    ASSERT_EQ(page["findings"].size(), 1u);
    const auto& recomputed = page["findings"][0]["recomputed"];
    EXPECT_EQ(recomputed["result"], "mismatched");
    EXPECT_EQ(recomputed["differences"][0]["field"], "certainty");
    EXPECT_EQ(recomputed["differences"][0]["reported"], "confirmed");
    EXPECT_EQ(recomputed["differences"][0]["recomputed"], "suspected");
    const auto status = http_get(socket_, "/api/v1/status").json()["recompute"];
    EXPECT_EQ(status["matched"], 1);
    EXPECT_EQ(status["mismatched"], 1);
    EXPECT_EQ(status["mismatched_kept"], 1);
    EXPECT_NE(http_get(socket_, "/metrics")
                  .body.find("minewarden_recomputed_verdicts_total{result=\"mismatched\"} 1"),
              std::string::npos);
}

FOR_EACH_DATABASE(LyingAgentTest);

} // namespace
} // namespace minewarden::collector
