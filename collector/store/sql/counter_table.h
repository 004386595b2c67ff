// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sql/statements.h"
#include "collector/store/store_status.h"

#include <array>
#include <vector>

namespace minewarden::collector::sql {

/// The tables whose rows are cursors.
enum class Numbered { findings, gaps, visibility };

/// The counters of a class of data.
enum class ClassCount { rows, bytes, deleted_rows, deleted_bytes };

/// The names of all counters in the table.
[[nodiscard]] std::vector<std::string> counter_names();

/// The table `counters`: the last row numbers, the content of each class of data, and the number of
/// units of work. Read at the start of a unit, written before its commit.
class CounterTable {
  public:
    static Result<CounterTable> open(Connection& connection);

    Result<void> load();
    /// Writes the changes since load(), and counts the unit.
    Result<void> save();

    /// The number of units of work committed before this one.
    [[nodiscard]] std::int64_t units() const { return now_[units_at]; }
    /// Assigns the next row number.
    std::int64_t next(Numbered table) { return ++now_[static_cast<std::size_t>(table)]; }
    [[nodiscard]] std::int64_t last(Numbered table) const {
        return now_[static_cast<std::size_t>(table)];
    }
    void add(DataClass data, std::uint64_t rows, std::uint64_t bytes);
    void remove(DataClass data, std::uint64_t rows, std::uint64_t bytes);
    [[nodiscard]] std::uint64_t count(DataClass data, ClassCount what) const {
        return static_cast<std::uint64_t>(now_[index_of(data, what)]);
    }

  private:
    static constexpr std::size_t numbered_tables = 3;
    static constexpr std::size_t class_counts = 4;
    static constexpr std::size_t units_at = numbered_tables;
    static constexpr std::size_t classes_at = units_at + 1;
    static constexpr std::size_t size = classes_at + data_classes * class_counts;
    friend std::vector<std::string> counter_names();

    static std::size_t index_of(DataClass data, ClassCount what) {
        return classes_at + static_cast<std::size_t>(data) * class_counts +
               static_cast<std::size_t>(what);
    }

    std::vector<std::string> names_ = counter_names();
    std::array<std::int64_t, size> loaded_{};
    std::array<std::int64_t, size> now_{};
    StatementPtr load_;
    StatementPtr save_;
};

} // namespace minewarden::collector::sql
