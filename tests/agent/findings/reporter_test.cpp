// SPDX-License-Identifier: Apache-2.0
#include "agent/findings/reporter.h"
#include "common/file.h"
#include "rules/verdict/recompute.h"
#include "tests/support/full_disk.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

constexpr std::string_view pack = R"(
pack: {id: test, version: "1", title: {en: test, zh: test}}
rules:
  - id: test.login
    title: {en: Login, zh: 登录}
    on: stratum.message
    condition: message = "login"
    family: protocol
    weights: {mining.pool.client: 13000}
    explain: {en: "It logged in.", zh: 已登录。}
)";

class ReporterTest : public testing::Test {
  protected:
    ReporterTest() {
        auto loaded = rules::RuleSet::load({{"test.yaml", std::string(pack)}});
        EXPECT_TRUE(loaded);
        rules_ = *loaded;
        open_outbox();
    }
    void open_outbox() {
        auto outbox = Outbox::open(directory_.path() / "outbox", {.sync = false});
        EXPECT_TRUE(outbox);
        outbox_ = std::move(*outbox);
    }
    Reporter reporter(std::uint8_t boot_value = 1) {
        return Reporter(FindingBook(as_bytes("key"), boot(boot_value)), *outbox_,
                        directory_.path() / "open-findings.cbor", [this] { ++appended_; });
    }
    rules::Engine engine(std::uint8_t boot_value = 1) const {
        return rules::Engine(rules_, boot(boot_value), std::chrono::seconds(10));
    }
    static BootId boot(std::uint8_t value) {
        BootId id;
        id.bytes.fill(value);
        return id;
    }
    static void log_in(rules::Engine& engine, const rules::ImageKey& image) {
        rules::Observation observation(rules::ObservationType::stratum_message);
        observation.set(rules::stratum_message::message, std::string("login"));
        engine.observe(image, observation);
        engine.judge_news();
    }
    static void report_all(rules::Engine& engine, Reporter& reporter) {
        for (const rules::VerdictRecord& change : engine.take_changes()) {
            Process process;
            process.image = std::get<rules::ImageKey>(change.subject);
            reporter.report(change, &process);
        }
    }
    std::vector<wire::Record> records() const {
        std::vector<wire::Record> result;
        const auto kept = outbox_->read(1, 1 << 30);
        for (const OutboxRecord& item : *kept) {
            wire::Record record;
            EXPECT_TRUE(record.ParseFromString(item.payload));
            result.push_back(std::move(record));
        }
        return result;
    }

    TemporaryDirectory directory_;
    std::shared_ptr<const rules::RuleSet> rules_;
    std::unique_ptr<Outbox> outbox_;
    int appended_ = 0;
    const rules::ImageKey image_{4'000'000, 77, 1}; // a pid that no process has
};

TEST_F(ReporterTest, AppendsFindingsRulesAndGapsInOrder) {
    auto brain = engine();
    auto report = reporter();
    report.report_rules(*rules_);
    log_in(brain, image_);
    report_all(brain, report);
    report.report_gap("EXEC_RING_FULL", 3, {1}, {2}, "lost");
    const auto kept = records();
    ASSERT_EQ(kept.size(), 3u);
    EXPECT_EQ(kept[0].rule_set().digest(), as_text(rules_->digest().view()));
    ASSERT_EQ(kept[0].rule_set().files_size(), 2) << "the pack and the shipped numbers";
    EXPECT_EQ(kept[0].rule_set().files(1).content(), pack);
    EXPECT_EQ(kept[1].finding().activity(), "mining.pool.client");
    EXPECT_EQ(kept[2].gap().lost(), 3u);
    EXPECT_EQ(appended_, 3);
    EXPECT_TRUE(rules::recompute_record(as_bytes(kept[1].finding().record()), *rules_));
}

TEST_F(ReporterTest, ContinuesFindingsAndEvidenceAfterARestart) {
    std::string id;
    {
        auto brain = engine();
        auto report = reporter();
        log_in(brain, image_);
        report_all(brain, report);
        brain.end_window();
        report.save(brain);
        id = records().back().finding().id();
    }
    auto brain = engine();
    auto report = reporter();
    report.restore(brain);
    EXPECT_EQ(report.book().open_count(), 1u);
    for (int window = 0; window < 6; ++window) brain.end_window();
    report_all(brain, report);
    EXPECT_EQ(records().back().finding().id(), id);
    EXPECT_EQ(records().back().finding().state(), wire::FINDING_STATE_CLOSED);
    EXPECT_EQ(records().back().finding().version(), 2u);
}

TEST_F(ReporterTest, ReportsADamagedStateFileAsAGap) {
    ASSERT_TRUE(
        write_file_atomically(directory_.path() / "open-findings.cbor", "\xa1garbage", 0600));
    auto brain = engine();
    auto report = reporter();
    report.restore(brain);
    ASSERT_EQ(records().size(), 1u);
    EXPECT_EQ(records()[0].gap().place(), "agent-state");
    log_in(brain, image_);
    report_all(brain, report);
    EXPECT_EQ(records().size(), 2u);
}

TEST_F(ReporterTest, KeepsRecordsInOrderWhileTheDiskIsFull) {
    auto report = reporter();
    {
        const FullDisk full;
        report.report_gap("first", 1, {}, {}, "");
        report.report_gap("second", 2, {}, {}, "");
        EXPECT_EQ(report.waiting(), 2u);
    }
    report.retry();
    EXPECT_EQ(report.waiting(), 0u);
    const auto kept = records();
    ASSERT_EQ(kept.size(), 2u);
    EXPECT_EQ(kept[0].gap().place(), "first");
    EXPECT_EQ(kept[1].gap().place(), "second");
}

TEST_F(ReporterTest, BoundsTheWaitingRecords) {
    auto report = reporter();
    const FullDisk full;
    for (std::size_t i = 0; i < Reporter::maximum_waiting + 10; ++i)
        report.report_gap("gap", i, {}, {}, "");
    EXPECT_EQ(report.waiting(), Reporter::maximum_waiting);
    EXPECT_EQ(report.given_up(), 10u);
}

TEST_F(ReporterTest, GivesUpARecordThatCanNeverBeAppended) {
    auto report = reporter();
    report.report_gap("huge", 1, {}, {}, std::string(Outbox::maximum_payload, 'x'));
    report.report_gap("small", 1, {}, {}, "");
    EXPECT_EQ(report.given_up(), 1u);
    ASSERT_EQ(records().size(), 2u);
    EXPECT_EQ(records()[0].gap().place(), "agent"); // says that one was given up
    EXPECT_EQ(records()[0].gap().lost(), 1u);
    EXPECT_EQ(records()[1].gap().place(), "small");
}

TEST_F(ReporterTest, ReportsRecordsGivenUpOnAFullDiskAsAGap) {
    auto report = reporter();
    {
        const FullDisk full;
        for (std::size_t i = 0; i < Reporter::maximum_waiting + 10; ++i)
            report.report_gap("gap", 1, {}, {}, "");
    }
    report.retry();
    const auto kept = records();
    ASSERT_EQ(kept.size(), Reporter::maximum_waiting + 1);
    EXPECT_EQ(kept.back().gap().place(), "agent");
    EXPECT_EQ(kept.back().gap().lost(), 10u);
}

TEST_F(ReporterTest, BoundsTheBytesOfWaitingRecords) {
    auto report = reporter();
    const FullDisk full;
    for (int i = 0; i < 40; ++i) report.report_gap("gap", 1, {}, {}, std::string(1 << 20, 'x'));
    EXPECT_LE(report.waiting(), 16u);
    EXPECT_EQ(report.waiting() + report.given_up(), 40u);
}

TEST_F(ReporterTest, ReportsRecordsLostInAKillAsAGapOfTheNextRun) {
    {
        auto report = reporter();
        const FullDisk full(64);
        for (int i = 0; i < 3; ++i) report.report_gap("gap", 1, {}, {}, std::string(100, 'x'));
        EXPECT_EQ(report.waiting(), 3u);
    }
    for (int life = 0; life < 2; ++life) {
        auto brain = engine();
        reporter().restore(brain);
        ASSERT_EQ(records().size(), 1u) << life;
        EXPECT_EQ(records()[0].gap().place(), "agent");
        EXPECT_EQ(records()[0].gap().lost(), 3u);
    }
}

// After a kill between an append and the next save, in either order of the files.
TEST_F(ReporterTest, RestoresAVersionAfterTheLastSaveFromTheOutbox) {
    {
        auto brain = engine();
        auto report = reporter();
        report.save(brain);
        log_in(brain, image_);
        report_all(brain, report);
    }
    auto brain = engine();
    auto report = reporter();
    report.restore(brain);
    EXPECT_TRUE(report.book().knows(image_));
    report.report_gone(image_, CloseReason::process_gone);
    ASSERT_EQ(records().size(), 2u);
    EXPECT_EQ(records()[1].finding().id(), records()[0].finding().id());
    EXPECT_EQ(records()[1].finding().version(), 2u);
    EXPECT_EQ(records()[1].finding().state(), wire::FINDING_STATE_CLOSED);
    report.save(brain);
}

TEST_F(ReporterTest, DoesNotReuseNumbersThatTheSavedStateKnows) {
    {
        auto brain = engine();
        auto report = reporter();
        log_in(brain, image_);
        report_all(brain, report);
        for (int i = 0; i < 3; ++i) report.report_gap("gap", 1, {}, {}, "");
        report.save(brain);
    }
    outbox_.reset();
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path() / "outbox"))
        if (entry.path().extension() == ".log") std::filesystem::remove(entry.path());
    open_outbox();
    auto brain = engine();
    auto report = reporter();
    report.restore(brain);
    report.report_gap("after", 1, {}, {}, "");
    const auto kept = outbox_->read(1, 1 << 20);
    ASSERT_EQ(kept->size(), 1u);
    EXPECT_EQ(kept->front().sequence, 5u);
}

TEST_F(ReporterTest, DoesNotSaveTheStateWhileRecordsWait) {
    auto brain = engine();
    auto report = reporter();
    log_in(brain, image_);
    {
        const FullDisk full;
        report_all(brain, report);
    }
    report.save_if_changed(brain);
    EXPECT_FALSE(std::filesystem::exists(directory_.path() / "open-findings.cbor"));
    report.retry();
    report.save_if_changed(brain);
    EXPECT_TRUE(std::filesystem::exists(directory_.path() / "open-findings.cbor"));
}

TEST_F(ReporterTest, DoesNotEndAGapBeforeItBegins) {
    auto report = reporter();
    report.report_gap("clock", 1, {2000}, {1000}, "the clock was set back meanwhile");
    EXPECT_LE(records()[0].gap().from_ns(), records()[0].gap().until_ns());
}

} // namespace
} // namespace minewarden::agent
