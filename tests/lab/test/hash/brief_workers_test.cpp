// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/brief_workers.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <set>
#include <unistd.h>

namespace minewarden::lab {
namespace {

using namespace std::chrono_literals;

class BriefWorkers : public testing::Test {
  protected:
    void SetUp() override {
        const Stop none(60s);
        auto memory = RandomxMemory::build({}, as_bytes("test key 000"), events_, none);
        ASSERT_TRUE(memory) << memory.error().message;
        memory_ = *memory;
    }
    EventLog events_{[this](std::string_view line) {
        const Json event = Json::parse(line);
        if (event["event"] == "hashing_started") thread_ids_.insert(event["tid"].get<pid_t>());
    }};
    std::set<pid_t> thread_ids_; // of this process; forks write to their own copy
    std::shared_ptr<const RandomxMemory> memory_;
    HashTotals totals_;
};

TEST_F(BriefWorkers, ReplacesThreads) {
    const Stop stop(1500ms);
    ASSERT_TRUE(run_replaced_threads(memory_, 1, 200ms, {}, totals_, events_, stop));
    EXPECT_GE(thread_ids_.size(), 3u);
    EXPECT_EQ(totals_.per_thread.size(), 1u);
    EXPECT_GT(totals_.per_thread[0], 0u);
}

TEST_F(BriefWorkers, CountsHashesOfForksAndLeavesNoChild) {
    const Stop stop(1500ms);
    ASSERT_TRUE(run_forked_batches(memory_, 2, 400ms, {}, totals_, events_, stop));
    EXPECT_TRUE(thread_ids_.empty());
    EXPECT_GT(totals_.per_thread.at(0), 0u);
    EXPECT_GT(totals_.per_thread.at(1), 0u);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
}

} // namespace
} // namespace minewarden::lab
