// SPDX-License-Identifier: Apache-2.0
#include "agent/findings/finding_book.h"
#include "common/wire/workload.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using rules::Certainty;

const Activity pow = *Activity::find("mining.pow.cpu");
const rules::ImageKey miner{42, 1000, 2};

BootId boot(std::uint8_t value) {
    BootId id;
    id.bytes.fill(value);
    return id;
}

rules::VerdictRecord change(Certainty before, Certainty now,
                            const rules::Subject& subject = miner) {
    rules::VerdictRecord record{.rule_set = {},
                                .boot = boot(1),
                                .subject = subject,
                                .activity = pow,
                                .window_span = std::chrono::seconds(10),
                                .window = {5},
                                .carried = {before, 0},
                                .evidence = {},
                                .verdict = {},
                                .attributes = {}};
    record.verdict.certainty = now;
    return record;
}

SubjectDetails details() {
    SubjectDetails result;
    result.command = "miner";
    result.executable = "/tmp/miner";
    result.user_id = 1000;
    result.loader = "/lib64/ld.so";
    result.workload =
        parse_workload("0::/slurm/uid_1000/job_1/step_2/docker/" + std::string(64, 'a') + "\n");
    return result;
}

class FindingBookTest : public testing::Test {
  protected:
    FindingBook book_{as_bytes("agent key"), boot(1)};
};

TEST_F(FindingBookTest, OpensChangesAndClosesAFinding) {
    const auto opened = book_.apply(change(Certainty::none, Certainty::suspected), details(), {10});
    EXPECT_EQ(opened.version(), 1u);
    EXPECT_EQ(opened.state(), wire::FINDING_STATE_OPEN);
    EXPECT_EQ(opened.certainty(), wire::CERTAINTY_SUSPECTED);
    EXPECT_EQ(opened.subject().process().executable(), "/tmp/miner");
    EXPECT_EQ(opened.subject().process().loader(), "/lib64/ld.so");
    EXPECT_EQ(workload_of(opened.subject().process().workload()), details().workload);
    EXPECT_EQ(opened.record_sha256(), as_text(sha256(as_bytes(opened.record())).view()));

    const auto raised = book_.apply(change(Certainty::suspected, Certainty::probable), {}, {20});
    EXPECT_EQ(raised.id(), opened.id());
    EXPECT_EQ(raised.version(), 2u);
    EXPECT_EQ(raised.opened_ns(), 10);
    EXPECT_EQ(raised.changed_ns(), 20);
    EXPECT_EQ(raised.subject().process().command(), "miner");

    const auto closed = book_.apply(change(Certainty::probable, Certainty::none), {}, {30});
    EXPECT_EQ(closed.state(), wire::FINDING_STATE_CLOSED);
    EXPECT_EQ(closed.certainty(), wire::CERTAINTY_PROBABLE); // what it was while open
    EXPECT_EQ(closed.close_reason(), "evidence-ended");
    EXPECT_EQ(book_.open_count(), 0u);
}

TEST_F(FindingBookTest, ContinuesAFindingThatOpensAgain) {
    const auto first = book_.apply(change(Certainty::none, Certainty::probable), details(), {10});
    book_.apply(change(Certainty::probable, Certainty::none), {}, {20});
    const auto again = book_.apply(change(Certainty::none, Certainty::probable), details(), {30});
    EXPECT_EQ(again.id(), first.id());
    EXPECT_EQ(again.version(), 3u);
    EXPECT_EQ(again.opened_ns(), 30);
    EXPECT_EQ(again.state(), wire::FINDING_STATE_OPEN);
}

TEST_F(FindingBookTest, DerivesTheIdFromAgentBootProcessImageAndActivity) {
    const auto id = [](std::string_view key, std::uint8_t boot_value, rules::ImageKey image) {
        FindingBook book(as_bytes(key), boot(boot_value));
        return book.apply(change(Certainty::none, Certainty::probable, image), {}, {1}).id();
    };
    const std::string base = id("key", 1, miner);
    EXPECT_EQ(id("key", 1, miner), base);
    EXPECT_NE(id("other", 1, miner), base);
    EXPECT_NE(id("key", 2, miner), base);
    EXPECT_NE(id("key", 1, {43, 1000, 2}), base);
    EXPECT_NE(id("key", 1, {42, 1001, 2}), base);
    EXPECT_NE(id("key", 1, {42, 1000, 3}), base);
}

TEST_F(FindingBookTest, ClosesOpenFindingsOfAGoneSubjectOnce) {
    book_.apply(change(Certainty::none, Certainty::probable), details(), {10});
    const auto closed = book_.close_subject(miner, CloseReason::process_exited, {20});
    ASSERT_EQ(closed.size(), 1u);
    EXPECT_EQ(closed[0].close_reason(), "process-exited");
    EXPECT_EQ(closed[0].version(), 2u);
    EXPECT_TRUE(book_.close_subject(miner, CloseReason::process_exited, {21}).empty());
    EXPECT_FALSE(book_.knows(miner));
}

TEST_F(FindingBookTest, KeepsOpenFindingsOverARestart) {
    const auto opened = book_.apply(change(Certainty::none, Certainty::probable), details(), {10});
    FindingBook next(as_bytes("agent key"), boot(1));
    const auto closed = next.restore(book_.save(), {20});
    ASSERT_TRUE(closed);
    EXPECT_TRUE(closed->empty());
    EXPECT_EQ(next.open_count(), 1u);
    const auto changed = next.apply(change(Certainty::probable, Certainty::confirmed), {}, {30});
    EXPECT_EQ(changed.id(), opened.id());
    EXPECT_EQ(changed.version(), 2u);
    EXPECT_EQ(changed.opened_ns(), 10);
    EXPECT_EQ(changed.subject().process().executable(), "/tmp/miner");
    EXPECT_EQ(changed.subject().process().loader(), "/lib64/ld.so");
    EXPECT_EQ(workload_of(changed.subject().process().workload()), details().workload);
}

TEST_F(FindingBookTest, ClosesFindingsOfAnotherBoot) {
    const auto opened = book_.apply(change(Certainty::none, Certainty::probable), details(), {10});
    FindingBook next(as_bytes("agent key"), boot(2));
    const auto closed = next.restore(book_.save(), {20});
    ASSERT_TRUE(closed);
    ASSERT_EQ(closed->size(), 1u);
    EXPECT_EQ(closed->front().id(), opened.id());
    EXPECT_EQ(closed->front().version(), 2u);
    EXPECT_EQ(closed->front().close_reason(), "host-rebooted");
    EXPECT_EQ(closed->front().subject().boot_id(), opened.subject().boot_id());
    EXPECT_EQ(next.open_count(), 0u);
}

TEST_F(FindingBookTest, RejectsADamagedState) {
    EXPECT_FALSE(book_.restore(cbor::Value("text"), {1}));
    EXPECT_FALSE(book_.restore(cbor::Array{cbor::Value(1)}, {1}));
    EXPECT_FALSE(book_.restore(cbor::Array{cbor::Value(as_bytes("\xff\xff\xff"))}, {1}));
}

} // namespace
} // namespace minewarden::agent
