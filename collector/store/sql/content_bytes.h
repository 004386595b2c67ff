// SPDX-License-Identifier: Apache-2.0
// The size of rows in the bytes of their class (docs/storage.md): their content, and a fixed part
// for columns, indexes and page overhead, as measured with SQLite.
#pragma once

#include "collector/store/arrivals.h"

#include <cstdint>
#include <string_view>

namespace minewarden::collector::sql {

inline constexpr std::uint64_t row_bytes = 192;
/// A row with a stream and a heartbeat.
inline constexpr std::uint64_t agent_bytes = 2048;
inline constexpr std::uint64_t stream_bytes = 128;

[[nodiscard]] inline std::uint64_t content_bytes(const FindingArrival& finding) {
    return row_bytes + finding.head.size() + finding.record.size();
}
[[nodiscard]] inline std::uint64_t content_bytes(const RuleSetArrival& rules) {
    return row_bytes + rules.bytes.size();
}
[[nodiscard]] inline std::uint64_t text_bytes(std::string_view place, std::string_view detail) {
    return row_bytes + place.size() + detail.size();
}

} // namespace minewarden::collector::sql
