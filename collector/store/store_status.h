// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/cursor.h"
#include "common/clock.h"

#include <array>
#include <optional>
#include <string_view>

namespace minewarden::collector {

/// Classes of data with their own limits of retention.
enum class DataClass {
    findings,   ///< versions of findings, with records and recomputed results
    gaps,       ///
    visibility, ///< visibility records
    rule_sets,  ///< rules that agents used
    agents,     ///< agents with their streams and last heartbeats
};
constexpr std::size_t data_classes = 5;
[[nodiscard]] std::string_view to_string(DataClass data);

struct ClassStatus {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0; ///< of content, and a fixed part for each row
    std::optional<WallTime> oldest = {};
    std::uint64_t deleted_rows = 0; ///< by retention, since the database was created
    std::uint64_t deleted_bytes = 0;
};

struct StoreStatus {
    int schema_version = 0;
    Cursor last_finding;
    std::uint64_t bytes = 0;           ///< on disk
    std::uint64_t open_visibility = 0; ///< records of hosts that cannot be seen now
    std::uint64_t mismatched = 0;      ///< finding versions with another recomputed result
    std::array<ClassStatus, data_classes> classes{};
    [[nodiscard]] const ClassStatus& of(DataClass data) const {
        return classes[static_cast<std::size_t>(data)];
    }
};

/// Connections to a database server, since start. All zero for a file.
struct ConnectionCounters {
    std::uint64_t connects = 0; ///< opened; if more than are open, some broke
    std::uint64_t failures = 0; ///< attempts that failed
};

} // namespace minewarden::collector
