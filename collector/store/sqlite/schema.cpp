// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sqlite/schema.h"

#include "collector/store/sqlite/recomputations.h"

#include <fmt/core.h>

#include <array>

namespace minewarden::collector::sqlite {
namespace {

/// "MWDN": tells our files from others (PRAGMA application_id).
constexpr std::int64_t application_id = 0x4d57444e;

// Times are nanoseconds since 1970 UTC. `row` is the cursor of the store interface.
//
// findings keeps what filters look at in dense pages; the protobuf bytes, ten times as large, are
// beside it in finding_bytes and read only for rows that are answered.
//
// That (stream, sequence) is unique follows from streams.sequence, which moves in the transaction
// that stores the record.
//
// finding_ids and finding_changes are the indexes by id and by time of change. Ids are hashes, so
// that an index kept with each insert would dirty a page of its own for every finding. Both are
// therefore filled in sorted runs: findings up to finding_index_progress.row are in them, those
// after it ("the tail") are few and searched by scanning.
constexpr std::string_view agents_streams_findings = R"sql(
CREATE TABLE agents (
  row INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  host_name TEXT NOT NULL,
  version TEXT NOT NULL,
  first_seen_ns INTEGER NOT NULL,
  last_seen_ns INTEGER NOT NULL
) STRICT;
CREATE TABLE streams (
  row INTEGER PRIMARY KEY,
  agent INTEGER NOT NULL REFERENCES agents(row),
  id BLOB NOT NULL,
  boot_id BLOB NOT NULL,
  opened_ns INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  UNIQUE (agent, id)
) STRICT;
CREATE TABLE findings (
  row INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL REFERENCES streams(row),
  sequence INTEGER NOT NULL,
  finding_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  state INTEGER NOT NULL,
  certainty INTEGER NOT NULL,
  activity TEXT NOT NULL,
  opened_ns INTEGER NOT NULL,
  changed_ns INTEGER NOT NULL,
  received_ns INTEGER NOT NULL,
  superseded INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE finding_bytes (
  row INTEGER PRIMARY KEY REFERENCES findings(row),
  bytes BLOB NOT NULL
) STRICT;
CREATE TABLE finding_ids (
  finding_id BLOB NOT NULL,
  row INTEGER NOT NULL,
  PRIMARY KEY (finding_id, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE finding_changes (
  changed_ns INTEGER NOT NULL,
  row INTEGER NOT NULL,
  PRIMARY KEY (changed_ns, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE finding_index_progress (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  row INTEGER NOT NULL
) STRICT;
INSERT INTO finding_index_progress VALUES (1, 0);
)sql";

// The same rules come from every agent and are kept once; the intake has checked the digest.
constexpr std::string_view rule_sets_gaps_heartbeats = R"sql(
CREATE TABLE rule_sets (
  row INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  received_ns INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE TABLE gaps (
  row INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL REFERENCES streams(row),
  place TEXT NOT NULL,
  lost INTEGER NOT NULL,
  first_sequence INTEGER,
  last_sequence INTEGER,
  from_ns INTEGER NOT NULL,
  until_ns INTEGER NOT NULL,
  received_ns INTEGER NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE TABLE heartbeats (
  agent INTEGER PRIMARY KEY REFERENCES agents(row),
  received_ns INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
)sql";

// A record is open while until_ns is NULL; of each agent, reason and place at most one is. The
// names of reason and ended_by are those of the API.
constexpr std::string_view visibility = R"sql(
CREATE TABLE visibility (
  row INTEGER PRIMARY KEY,
  agent INTEGER NOT NULL REFERENCES agents(row),
  reason TEXT NOT NULL,
  place TEXT NOT NULL,
  since_ns INTEGER NOT NULL,
  until_ns INTEGER,
  ended_by TEXT,
  detail TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX visibility_open ON visibility (agent, reason, place) WHERE until_ns IS NULL;
)sql";

const std::array<std::string_view, 4> steps{agents_streams_findings, rule_sets_gaps_heartbeats,
                                            visibility, recomputations_table};

} // namespace

std::span<const std::string_view> migrations() {
    return steps;
}

int current_schema_version() {
    return static_cast<int>(steps.size());
}

Result<int> check_usable(Connection& connection, const std::filesystem::path& path, int version) {
    TRY_ASSIGN(const auto owner, connection.number("PRAGMA application_id"));
    TRY_ASSIGN(const auto tables, connection.number("SELECT count(*) FROM sqlite_schema"));
    if (owner != application_id && (owner != 0 || tables != 0))
        return fail(ErrorKind::config,
                    fmt::format("{} is the database of another program", path.string()));
    TRY_ASSIGN(const auto found, connection.number("PRAGMA user_version"));
    if (found > version)
        return fail(ErrorKind::config,
                    fmt::format("{} has schema version {} but this program knows only up to {}: it "
                                "was written by a newer minewarden-collector; install that one, or "
                                "name another file in collector.database",
                                path.string(), found, version));
    return static_cast<int>(found);
}

Result<void> migrate(Connection& connection, const std::filesystem::path& path, int version) {
    TRY_ASSIGN(const auto found, check_usable(connection, path, version));
    for (int step = found; step < version; ++step) {
        TRY_ASSIGN(auto transaction, Transaction::begin(connection));
        const std::string sql =
            fmt::format("{} PRAGMA application_id = {}; PRAGMA user_version = {};",
                        steps[static_cast<std::size_t>(step)], application_id, step + 1);
        TRY(connection.execute(sql));
        TRY(transaction.commit());
    }
    return {};
}

} // namespace minewarden::collector::sqlite
