// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/process_watch.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint32_t pid = 4'000'000; // no process has it, so /proc says nothing about it

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
  - id: test.busy
    title: {en: Busy, zh: 繁忙}
    on: process.window
    condition: cpu_permille >= 500
    family: compute
    weights: {mining.pow.cpu: 13000}
    explain: {en: "It was busy.", zh: 占用处理器。}
  - id: test.crowd
    title: {en: Crowd, zh: 众多}
    on: host.window
    condition: processes >= 3 and cpus = 2
    family: compute
    weights: {mining.pow.cpu: 13000}
    explain: {en: "Three.", zh: 三个。}
)";

abi::subject_id subject(std::uint64_t image, std::uint32_t number = pid) {
    return {second, image, number, 0};
}

/// The process part of an agent, with the findings that come out of it.
class ProcessWatchTest : public testing::Test {
  protected:
    ProcessWatchTest() {
        abi::process_exec_event exec{};
        exec.subject = subject(1);
        std::strncpy(exec.command, "miner", sizeof(exec.command) - 1);
        watch_.on_exec(exec);
    }
    void log_in(std::uint64_t image = 1, std::uint32_t number = pid) {
        rules::Observation observation(rules::ObservationType::stratum_message);
        observation.set(rules::stratum_message::message, std::string("login"));
        verdicts_.observe({{to_image(subject(image, number)), observation}});
    }
    void exit(std::uint64_t image = 1, std::uint32_t number = pid) {
        abi::process_exit_event event{};
        event.header.type = abi::EVENT_PROCESS_EXIT;
        event.subject = subject(image, number);
        watch_.on_exit(event);
    }
    void exec(std::uint64_t image, std::uint64_t runtime_ns = 0, std::uint64_t time = 0) {
        abi::process_exec_event event{};
        event.header.boottime_ns = time;
        event.subject = subject(image);
        event.runtime_ns = event.thread_runtime_ns = runtime_ns;
        watch_.on_exec(event);
    }
    void fork(std::uint32_t child) {
        abi::process_fork_event event{};
        event.parent = subject(1);
        event.child = subject(1, child);
        watch_.on_fork(event);
    }
    /// The pull of a window's end shows these.
    void end_window(std::uint64_t seconds, std::vector<abi::process_record> processes) {
        pulled_.processes = std::move(processes);
        watch_.end_window({seconds * second});
    }
    static abi::process_record record(std::uint64_t runtime_ns = 0, std::uint32_t number = pid) {
        abi::process_record result{};
        result.subject = subject(1, number);
        std::strncpy(result.command, "miner", sizeof(result.command) - 1);
        result.exited_runtime_ns = runtime_ns;
        return result;
    }
    /// States and close reasons of the findings reported so far.
    std::vector<std::string> reported() const {
        std::vector<std::string> result;
        const auto records = outbox_->read(1, 1 << 30);
        for (const OutboxRecord& item : *records) {
            wire::Record parsed;
            EXPECT_TRUE(parsed.ParseFromString(item.payload));
            if (!parsed.has_finding()) continue;
            const wire::Finding& finding = parsed.finding();
            result.push_back(finding.state() == wire::FINDING_STATE_OPEN
                                 ? "open " + (finding.subject().has_process()
                                                  ? finding.subject().process().command()
                                                  : "host")
                                 : finding.close_reason());
        }
        return result;
    }
    static std::unique_ptr<Outbox> open_outbox(const std::filesystem::path& path) {
        auto outbox = Outbox::open(path, {.sync = false});
        EXPECT_TRUE(outbox);
        return std::move(*outbox);
    }

    using Reported = std::vector<std::string>;
    TemporaryDirectory directory_;
    std::unique_ptr<Outbox> outbox_ = open_outbox(directory_.path() / "outbox");
    Reporter reporter_{FindingBook(as_bytes("key"), {}), *outbox_, directory_.path() / "state",
                       [] {}};
    ProcessTable processes_{[](const abi::subject_id&) { return false; }};
    std::vector<bool> ran_; ///< whether the image of each changed verdict ran
    Verdicts verdicts_{{*rules::RuleSet::load({{"test.yaml", std::string(pack)}}), {}, 10s},
                       processes_,
                       reporter_,
                       [this](const rules::VerdictRecord& change) {
                           const auto* image = std::get_if<rules::ImageKey>(&change.subject);
                           ran_.push_back(image != nullptr && processes_.runs(*image));
                       }};
    SyscallSampling syscalls_{{}, 10s};
    TaskTable pulled_;
    bool pull_fails_ = false;
    ProcessWatch watch_{processes_,
                        verdicts_,
                        syscalls_,
                        {[this](TaskTable& table) -> Result<void> {
                             if (pull_fails_) return fail(ErrorKind::unavailable, "no iterator");
                             table = pulled_;
                             return {};
                         },
                         [] { return FpModeCounts(); }, [] { return 2; }},
                        10s};
};

TEST_F(ProcessWatchTest, JudgesAProcessThatExitsBeforeItIsForgotten) {
    log_in();
    EXPECT_EQ(reported(), Reported{});
    exit();
    EXPECT_EQ(reported(), (Reported{"open miner", "process-exited"}));
    EXPECT_EQ(ran_, std::vector{false});
    EXPECT_EQ(processes_.size(), 0U);
}

TEST_F(ProcessWatchTest, JudgesAProgramThatIsReplacedBeforeItIsForgotten) {
    log_in();
    exec(2);
    EXPECT_EQ(reported(), (Reported{"open miner", "program-replaced"}));
}

TEST_F(ProcessWatchTest, JudgesAProcessThatVanishedBeforeItIsForgotten) {
    end_window(100, {record()});
    log_in();
    end_window(110, {});
    EXPECT_EQ(reported(), (Reported{"open miner", "process-gone"}));
}

TEST_F(ProcessWatchTest, JudgesWhatAProgramDidInTheWindowBeforeItsExec) {
    end_window(100, {record()});
    exec(2, 4 * second, 105 * second);
    EXPECT_EQ(reported(), (Reported{"open miner", "program-replaced"}));
}

TEST_F(ProcessWatchTest, DropsObservationsOfAnImageWhoseFindingWasClosed) {
    log_in();
    exit();
    log_in(); // its connection closed late
    verdicts_.judge_news();
    EXPECT_EQ(reported().size(), 2U);
}

TEST_F(ProcessWatchTest, KeepsTheFindingOfAFounderUntilItsLastForkEnds) {
    fork(pid + 1);
    log_in();
    exit();
    EXPECT_EQ(reported(), Reported{"open miner"});
    log_in(); // a fork said it on the founder's connection
    exit(1, pid + 1);
    EXPECT_EQ(reported(), (Reported{"open miner", "process-exited"}));
}

TEST_F(ProcessWatchTest, ObservesProcessesAtTheEndOfAWindow) {
    end_window(100, {record()});
    end_window(110, {record(9 * second)});
    verdicts_.end_window();
    EXPECT_EQ(reported(), Reported{"open miner"});
}

TEST_F(ProcessWatchTest, CountsProcessesThatNoEventReportedButNotInTheBaseline) {
    abi::process_record other = record();
    other.subject.pid = pid + 7;
    end_window(100, {record(), other});
    EXPECT_EQ(watch_.missed(), 0U);
    abi::process_record missed = record();
    missed.subject.pid = pid + 8;
    end_window(110, {record(), other, missed});
    EXPECT_EQ(watch_.missed(), 1U);
}

TEST_F(ProcessWatchTest, KeepsProcessesWhenThePullFails) {
    end_window(100, {record()});
    pull_fails_ = true;
    end_window(110, {});
    EXPECT_TRUE(processes_.runs(to_image(subject(1))));
}

TEST_F(ProcessWatchTest, ClosesRestoredFindingsOfProcessesThatHaveEnded) {
    log_in();
    verdicts_.judge_news();
    verdicts_.save();
    ProcessTable empty([](const abi::subject_id&) { return false; });
    Reporter reporter(FindingBook(as_bytes("key"), {}), *outbox_, directory_.path() / "state",
                      [] {});
    Verdicts restarted({*rules::RuleSet::load({{"test.yaml", std::string(pack)}}), {}, 10s}, empty,
                       reporter, [](const rules::VerdictRecord&) {});
    restarted.restore();
    restarted.close_ended();
    EXPECT_EQ(reported(), (Reported{"open miner", "process-gone"}));
}

TEST_F(ProcessWatchTest, ObservesTheHostAsAWholeFromTheSecondPullOn) {
    const std::vector<abi::process_record> crowd{record(0), record(0, 50), record(0, 51)};
    end_window(10, crowd);
    verdicts_.end_window();
    EXPECT_EQ(reported(), Reported{});
    end_window(20, crowd);
    verdicts_.end_window();
    EXPECT_EQ(reported(), Reported{"open host"});
}

} // namespace
} // namespace minewarden::agent
