// SPDX-License-Identifier: Apache-2.0
// Reads rows of either database. The intake checked every row, so a failure here means a damaged
// database (kind data).
#pragma once

#include "collector/store/fleet.h"
#include "collector/store/sql/statements.h"

namespace minewarden::collector::sql {

[[nodiscard]] Error damaged(std::string_view what);

/// The columns that read_summary takes, of the tables of summary_tables.
inline constexpr std::string_view summary_columns =
    "f.row, a.key, a.name, a.host_name, s.id, f.sequence, f.received_ns, f.superseded, b.head, "
    "rc.result, rc.made_ns, rc.detail";
/// The additional column of read_finding.
inline constexpr std::string_view record_column = ", b.record";
/// Joined to `findings f`.
inline constexpr std::string_view summary_joins =
    "JOIN agents a ON a.row = f.agent JOIN streams s ON s.row = f.stream "
    "JOIN finding_bytes b ON b.row = f.row LEFT JOIN recomputations rc ON rc.finding = f.row";

Result<FindingSummary> read_summary(const Statement& row);
Result<StoredFinding> read_finding(const Statement& row);

inline constexpr std::string_view agent_columns =
    "a.key, a.name, a.host_name, a.version, a.first_seen_ns, a.last_seen_ns, h.received_ns, "
    "h.bytes";
Result<StoredAgent> read_agent(const Statement& row);

inline constexpr std::string_view gap_columns =
    "g.row, a.key, a.name, s.id, g.place, g.lost, g.first_sequence, g.last_sequence, g.from_ns, "
    "g.until_ns, g.received_ns, g.detail";
Result<StoredGap> read_gap(const Statement& row);

inline constexpr std::string_view visibility_columns =
    "v.row, a.key, a.name, a.host_name, v.reason, v.place, v.since_ns, v.until_ns, v.ended_by, "
    "v.detail";
Result<StoredVisibility> read_visibility(const Statement& row);

} // namespace minewarden::collector::sql
