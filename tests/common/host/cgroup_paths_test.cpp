// SPDX-License-Identifier: Apache-2.0
#include "common/file.h"
#include "common/host/workload.h"
#include "common/text.h"

#include <gtest/gtest.h>

#include <array>
#include <ostream>

namespace minewarden {
namespace {

struct Row {
    std::array<std::string, 4> fields; // path, kind, named by, label
    [[nodiscard]] const std::string& path() const { return fields[0]; }
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << row.path();
}

/// The lines of cgroup_paths.tsv.
std::vector<Row> read_rows() {
    const auto content = read_file(MINEWARDEN_SOURCE_DIR "/tests/common/host/cgroup_paths.tsv",
                                   std::size_t{1} << 20);
    std::vector<Row> rows;
    if (!content) return rows;
    for (const std::string_view line : split(*content, '\n')) {
        const auto fields = split(line, '\t');
        if (line.starts_with('#') || fields.size() != std::tuple_size_v<decltype(Row::fields)>)
            continue;
        Row& row = rows.emplace_back();
        std::ranges::copy(fields, row.fields.begin());
    }
    return rows;
}

class CgroupPath : public testing::TestWithParam<Row> {};

TEST_P(CgroupPath, IsRead) {
    const auto& [path, kind, named_by, label] = GetParam().fields;
    for (const std::string& content : {"0::" + path + "\n", "4:memory:" + path + "\n0::/\n"}) {
        const Workload workload = parse_workload(content);
        EXPECT_EQ(to_string(workload.kind), kind);
        EXPECT_EQ(to_string(workload.named_by), named_by);
        EXPECT_EQ(workload.label(), label);
        EXPECT_EQ(workload.path, path);
    }
}

INSTANTIATE_TEST_SUITE_P(Table, CgroupPath, testing::ValuesIn(read_rows()));

} // namespace
} // namespace minewarden
