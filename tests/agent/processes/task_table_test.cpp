// SPDX-License-Identifier: Apache-2.0
#include "agent/processes/task_table.h"

#include <gtest/gtest.h>

#include <cstring>

namespace minewarden::agent {
namespace {

template <class Record>
std::string bytes_of(const Record& record) {
    return {reinterpret_cast<const char*>(&record), sizeof(record)};
}

std::string process_bytes() {
    abi::process_record record{};
    record.header = {abi::TASK_RECORD_PROCESS, sizeof(record)};
    record.subject.pid = 7;
    return bytes_of(record);
}

std::string thread_bytes() {
    abi::thread_record record{};
    record.header = {abi::TASK_RECORD_THREAD, sizeof(record)};
    record.thread_id = 8;
    return bytes_of(record);
}

TEST(ParseTasks, ReadsBothKindsOfRecord) {
    TaskTable table;
    ASSERT_TRUE(parse_tasks(process_bytes() + thread_bytes() + process_bytes(), table));
    ASSERT_EQ(table.processes.size(), 2u);
    ASSERT_EQ(table.threads.size(), 1u);
    EXPECT_EQ(table.processes[0].subject.pid, 7u);
    EXPECT_EQ(table.threads[0].thread_id, 8u);
}

TEST(ParseTasks, RejectsATruncatedRecord) {
    const std::string whole = process_bytes() + thread_bytes();
    TaskTable table;
    for (std::size_t cut = 1; cut < thread_bytes().size(); ++cut)
        EXPECT_FALSE(parse_tasks(whole.substr(0, whole.size() - cut), table)) << cut;
}

TEST(ParseTasks, RejectsAnUnknownTypeAndAWrongSize) {
    TaskTable table;
    std::string unknown = process_bytes();
    unknown[0] = 9;
    EXPECT_FALSE(parse_tasks(unknown, table));
    std::string wrong = process_bytes();
    wrong[4] = 1;
    EXPECT_FALSE(parse_tasks(wrong, table));
}

} // namespace
} // namespace minewarden::agent
