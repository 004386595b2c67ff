// SPDX-License-Identifier: Apache-2.0
#include "agent/processes/process_table.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace minewarden::agent {
namespace {

class ProcessTableTest : public testing::Test {
  protected:
    static abi::subject_id subject(std::uint32_t pid, std::uint64_t start, std::uint64_t image) {
        return {start, image, pid, 0};
    }
    static abi::process_exec_event exec(abi::subject_id subject, const char* command) {
        abi::process_exec_event event{};
        event.subject = subject;
        event.file_links = 1;
        std::strncpy(event.command, command, sizeof(event.command) - 1);
        std::strncpy(event.path, "/usr/bin/program", sizeof(event.path) - 1);
        event.path_length = 16;
        return event;
    }
    static abi::process_record record(abi::subject_id subject) {
        abi::process_record result{};
        result.subject = subject;
        std::strncpy(result.command, "pulled", sizeof(result.command) - 1);
        return result;
    }

    static abi::process_fork_event fork(abi::subject_id parent, abi::subject_id child) {
        abi::process_fork_event event{};
        event.parent = parent;
        event.child = child;
        return event;
    }
    static abi::process_exit_event exit(abi::subject_id subject) {
        abi::process_exit_event event{};
        event.subject = subject;
        return event;
    }

    using Gone = std::vector<GoneImage>;
    bool is_unseen_alive_ = false;
    ProcessTable table_{[this](const abi::subject_id&) { return is_unseen_alive_; }};
};

TEST_F(ProcessTableTest, ExecReplacesTheImage) {
    table_.on_exec(exec(subject(5, 100, 1), "shell"));
    table_.on_exec(exec(subject(5, 100, 2), "miner"));
    ASSERT_NE(table_.find(5), nullptr);
    EXPECT_EQ(table_.find(5)->image.image, 2u);
    EXPECT_EQ(table_.find(5)->command, "miner");
    EXPECT_EQ(table_.take_gone(), (Gone{{{5, 100, 1}, Departure::replaced}}));
    EXPECT_FALSE(table_.has_departures());
}

TEST_F(ProcessTableTest, ForkRunsTheProgramOfItsParent) {
    table_.on_exec(exec(subject(5, 100, 2), "parent"));
    table_.on_fork(fork(subject(5, 100, 2), subject(6, 200, 2)));
    ASSERT_NE(table_.find(6), nullptr);
    EXPECT_EQ(table_.find(6)->exec_path, "/usr/bin/program");
    EXPECT_EQ(table_.find(6)->parent_pid, 5u);
}

TEST_F(ProcessTableTest, IgnoresAnExitOfAnOlderProcessWithThisPid) {
    table_.on_exec(exec(subject(5, 100, 1), "new"));
    table_.on_exit(exit(subject(5, 50, 1)));
    EXPECT_NE(table_.find(5), nullptr);
    table_.on_exit(exit(subject(5, 100, 1)));
    EXPECT_EQ(table_.find(5), nullptr);
    EXPECT_EQ(table_.take_gone(), (Gone{{{5, 100, 1}, Departure::exited}}));
}

TEST_F(ProcessTableTest, PullRepairsWhatEventsMissed) {
    table_.on_exec(exec(subject(5, 100, 1), "gone"));
    const std::array<abi::process_record, 2> pulled{record(subject(6, 200, 1)),
                                                    record(subject(7, 300, 1))};
    EXPECT_EQ(table_.reconcile(pulled), 2u);
    EXPECT_EQ(table_.find(5), nullptr);
    EXPECT_EQ(table_.take_gone(), (Gone{{{5, 100, 1}, Departure::vanished}}));
    EXPECT_EQ(table_.find(6)->command, "pulled");
    EXPECT_EQ(table_.reconcile(pulled), 0u);
}

TEST_F(ProcessTableTest, PullReplacesAProcessWhosePidWasReused) {
    table_.on_exec(exec(subject(5, 100, 1), "old"));
    const std::array<abi::process_record, 1> pulled{record(subject(5, 900, 1))};
    table_.reconcile(pulled);
    EXPECT_EQ(table_.take_gone(), (Gone{{{5, 100, 1}, Departure::vanished}}));
    EXPECT_EQ(table_.find(5)->image.start_boottime_ns, 900u);
}

TEST_F(ProcessTableTest, ConvertsNamesToValidUtf8) {
    auto event = exec(subject(5, 100, 1), "x");
    std::memcpy(event.command, "\xff\x1b[31m\xc3", 8);
    table_.on_exec(event);
    EXPECT_EQ(table_.find(5)->command, "\xef\xbf\xbd\x1b[31m\xef\xbf\xbd");
    std::memset(event.command, 'A', sizeof(event.command)); // no closing NUL
    event.path_length = 100000;                             // beyond the field
    table_.on_exec(event);
    EXPECT_EQ(table_.find(5)->command, std::string(COMMAND_LENGTH, 'A'));
}

TEST_F(ProcessTableTest, ObservesAnExecWithItsParent) {
    namespace field = rules::process_exec;
    table_.on_exec(exec(subject(4, 50, 1), "shell"));
    abi::process_exec_event event = exec(subject(5, 100, 1), "worker");
    event.header.boottime_ns = 777;
    event.parent = subject(4, 50, 1);
    event.user_id = 1000;
    event.file_links = 0;
    const Process& process = table_.on_exec(event);
    const rules::Observation seen = observe_exec(process, table_.find(4), event);
    EXPECT_EQ(seen.type, rules::ObservationType::process_exec);
    EXPECT_EQ(seen.time.ns, 777u);
    EXPECT_EQ(seen.values[field::command], rules::Value(std::string("worker")));
    EXPECT_EQ(seen.values[field::path], rules::Value(std::string("/usr/bin/program")));
    EXPECT_EQ(seen.values[field::user_id], rules::Value(std::int64_t{1000}));
    EXPECT_EQ(seen.values[field::deleted], rules::Value(true));
    EXPECT_EQ(seen.values[field::parent_command], rules::Value(std::string("shell")));
}

TEST_F(ProcessTableTest, OmitsAnotherProcessWithThePidOfTheParent) {
    table_.on_exec(exec(subject(4, 60, 1), "younger"));
    abi::process_exec_event event = exec(subject(5, 100, 1), "worker");
    event.parent = subject(4, 50, 1);
    const Process& process = table_.on_exec(event);
    for (const Process* parent : {table_.find(4), static_cast<const Process*>(nullptr)})
        EXPECT_EQ(observe_exec(process, parent, event).values[rules::process_exec::parent_command],
                  rules::Value());
}

TEST_F(ProcessTableTest, RemembersDescentOverExecsAndEndedAncestors) {
    const auto launcher = subject(5, 100, 1);
    const auto between = subject(6, 200, 1);
    const auto worker = subject(7, 300, 1);
    table_.on_fork(fork(launcher, between));
    table_.on_fork(fork(between, worker));
    table_.on_exit(exit(between));
    table_.on_exec(exec(subject(7, 300, 2), "miner"));
    const auto miner = subject(7, 300, 2);
    EXPECT_TRUE(table_.descends_from(miner, launcher));
    EXPECT_TRUE(table_.descends_from(miner, between));
    EXPECT_TRUE(table_.descends_from(miner, worker)); // itself, before its exec
    EXPECT_FALSE(table_.descends_from(launcher, miner));
    EXPECT_FALSE(table_.descends_from(miner, subject(5, 101, 1))); // another under that pid
    EXPECT_FALSE(table_.descends_from(subject(7, 301, 1), launcher));
}

TEST_F(ProcessTableTest, PullFindsTheParentsOfOlderProcesses) {
    abi::process_record child = record(subject(6, 200, 1));
    child.parent_pid = 5;
    table_.reconcile(std::array{record(subject(5, 100, 1)), child});
    EXPECT_TRUE(table_.descends_from(subject(6, 200, 1), subject(5, 100, 1)));
    // Its parent has ended; init, which adopted it, did not fork it.
    child.parent_pid = 1;
    table_.reconcile(std::array{record(subject(1, 1, 1)), child});
    EXPECT_TRUE(table_.descends_from(subject(6, 200, 1), subject(5, 100, 1)));
    EXPECT_FALSE(table_.descends_from(subject(6, 200, 1), subject(1, 1, 1)));
}

TEST_F(ProcessTableTest, RemembersABoundedNumberOfAncestors) {
    for (std::uint32_t pid = 2; pid < 100; ++pid)
        table_.on_fork(fork(subject(pid, pid, 1), subject(pid + 1, pid + 1, 1)));
    EXPECT_EQ(table_.find(100)->ancestors.size(), Process::maximum_ancestors);
    EXPECT_TRUE(table_.descends_from(subject(100, 100, 1), subject(92, 92, 1)));
    EXPECT_FALSE(table_.descends_from(subject(100, 100, 1), subject(91, 91, 1)));
}

TEST_F(ProcessTableTest, DepartedImageStaysKnownUntilItIsTaken) {
    table_.on_exec(exec(subject(5, 100, 1), "shell"));
    table_.on_exec(exec(subject(5, 100, 2), "miner"));
    ASSERT_TRUE(table_.has_departures());
    const Process* departed = table_.find(rules::ImageKey{5, 100, 1});
    ASSERT_NE(departed, nullptr);
    EXPECT_EQ(departed->command, "shell");
    EXPECT_TRUE(departed->replaced);
    EXPECT_FALSE(departed->ended);
    EXPECT_FALSE(table_.runs({5, 100, 1}));
    EXPECT_TRUE(table_.runs({5, 100, 2}));
    table_.on_exit(exit(subject(5, 100, 2)));
    EXPECT_TRUE(table_.find(rules::ImageKey{5, 100, 2})->ended);
    EXPECT_EQ(table_.take_gone(), (Gone{{{5, 100, 1}, Departure::replaced},
                                        {{5, 100, 2}, Departure::exited}})); // oldest first
    EXPECT_EQ(table_.find(rules::ImageKey{5, 100, 1}), nullptr);
    EXPECT_TRUE(table_.take_gone().empty());
}

TEST_F(ProcessTableTest, FounderIsGoneAfterItsLastFork) {
    table_.on_exec(exec(subject(5, 100, 1), "founder"));
    table_.on_fork(fork(subject(5, 100, 1), subject(6, 200, 1)));
    table_.on_exit(exit(subject(5, 100, 1)));
    EXPECT_TRUE(table_.take_gone().empty());
    const rules::ImageKey founder{5, 100, 1};
    EXPECT_TRUE(table_.is_founder(founder));
    EXPECT_EQ(table_.find(founder)->command, "founder");
    EXPECT_FALSE(table_.runs(founder));
    table_.reconcile({}); // the end of the fork was missed
    EXPECT_EQ(table_.take_gone(), (Gone{{{6, 200, 1}, Departure::vanished},
                                        {founder, Departure::exited}})); // its own departure
    EXPECT_FALSE(table_.is_founder(founder));
    EXPECT_EQ(table_.find(founder), nullptr);
}

TEST_F(ProcessTableTest, SubjectAnswersWithTheProgramThatItsProcessRunsNow) {
    const auto before = subject(5, 100, 1);
    table_.on_exec(exec(before, "shell"));
    table_.on_exec(exec(subject(5, 100, 2), "miner"));
    EXPECT_EQ(table_.image_of(before), (rules::ImageKey{5, 100, 2}));
    EXPECT_TRUE(table_.is_alive(before));
    table_.on_exit(exit(subject(5, 100, 2)));
    EXPECT_EQ(table_.image_of(before), std::nullopt);
    EXPECT_FALSE(table_.is_alive(before));
    table_.on_exec(exec(subject(5, 900, 1), "younger"));
    EXPECT_EQ(table_.image_of(before), std::nullopt);
}

TEST_F(ProcessTableTest, SubjectAnswersAsFounderOrUnseenProcess) {
    table_.on_exec(exec(subject(5, 100, 1), "founder"));
    table_.on_fork(fork(subject(5, 100, 1), subject(6, 200, 1)));
    table_.on_exit(exit(subject(5, 100, 1)));
    table_.take_gone();
    EXPECT_EQ(table_.image_of(subject(5, 100, 1)), (rules::ImageKey{5, 100, 1}));
    EXPECT_EQ(table_.image_of(subject(7, 300, 1)), std::nullopt);
    is_unseen_alive_ = true; // no event has reported it
    EXPECT_EQ(table_.image_of(subject(7, 300, 1)), (rules::ImageKey{7, 300, 1}));
}

} // namespace
} // namespace minewarden::agent
