// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/counter_table.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::collector::sql {

std::vector<std::string> counter_names() {
    std::vector<std::string> names{"last_finding", "last_gap", "last_visibility", "units"};
    for (std::size_t data = 0; data < data_classes; ++data) {
        for (const char* what : {"rows", "bytes", "deleted_rows", "deleted_bytes"})
            names.push_back(fmt::format("{}.{}", to_string(static_cast<DataClass>(data)), what));
    }
    return names;
}

Result<CounterTable> CounterTable::open(Connection& connection) {
    CounterTable table;
    TRY(prepare_all(connection,
                    {{&table.load_, "SELECT name, value FROM counters"},
                     {&table.save_, "UPDATE counters SET value = ?2 WHERE name = ?1"}}));
    return table;
}

Result<void> CounterTable::load() {
    for (;;) {
        TRY_ASSIGN(const auto is_row, load_->step());
        if (!is_row) break;
        const auto name = std::ranges::find(names_, load_->text(0));
        if (name != names_.end())
            loaded_[static_cast<std::size_t>(name - names_.begin())] = load_->integer(1);
    }
    now_ = loaded_;
    return {};
}

Result<void> CounterTable::save() {
    ++now_[units_at];
    for (std::size_t i = 0; i < size; ++i) {
        if (now_[i] == loaded_[i]) continue;
        TRY(save_->bind(std::string_view(names_[i]), now_[i]).run());
    }
    return {};
}

void CounterTable::add(DataClass data, std::uint64_t rows, std::uint64_t bytes) {
    now_[index_of(data, ClassCount::rows)] += static_cast<std::int64_t>(rows);
    now_[index_of(data, ClassCount::bytes)] += static_cast<std::int64_t>(bytes);
}

void CounterTable::remove(DataClass data, std::uint64_t rows, std::uint64_t bytes) {
    now_[index_of(data, ClassCount::rows)] -= static_cast<std::int64_t>(rows);
    now_[index_of(data, ClassCount::bytes)] -= static_cast<std::int64_t>(bytes);
    now_[index_of(data, ClassCount::deleted_rows)] += static_cast<std::int64_t>(rows);
    now_[index_of(data, ClassCount::deleted_bytes)] += static_cast<std::int64_t>(bytes);
}

} // namespace minewarden::collector::sql
