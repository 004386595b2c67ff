// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sqlite/schema.h"

#include "collector/store/sql/statements.h"
#include "collector/store/sql/tables.h"

#include <fmt/core.h>

namespace minewarden::collector::sqlite {
namespace {

/// "MWDN": identifies our files (PRAGMA application_id).
constexpr std::int64_t application_id = 0x4d57444e;

constexpr sql::TypeNames types{.integer = "INTEGER",
                               .bytes = "BLOB",
                               .text = "TEXT",
                               .row = "INTEGER PRIMARY KEY",
                               .end = " STRICT"};

// finding_ids and finding_changes are the indexes by id and by time of change. Ids are hashes, so
// each insert into an ordinary index would dirty another page. Both are therefore filled in sorted
// runs. They contain the findings up to finding_index_progress.row; the few later ones ("the tail")
// are scanned.
constexpr std::string_view indexes = R"sql(
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

} // namespace

Result<bool> check_usable(sql::Connection& connection, const std::filesystem::path& path) {
    TRY_ASSIGN(const auto owner, sql::read_number(connection, "PRAGMA application_id"));
    TRY_ASSIGN(const auto tables,
               sql::read_number(connection, "SELECT count(*) FROM sqlite_schema"));
    if (owner != application_id && (owner != 0 || tables != 0))
        return fail(ErrorKind::config,
                    fmt::format("{} is the database of another program", path.string()));
    TRY_ASSIGN(const auto version, sql::read_number(connection, "PRAGMA user_version"));
    if (version == 0) return false;
    if (auto problem = sql::version_problem(version.value_or(0)); !problem.empty())
        return fail(ErrorKind::config, fmt::format("{} {}", path.string(), problem));
    return true;
}

Result<void> make_tables(sql::Connection& connection) {
    TRY(connection.begin());
    auto made = connection.execute(
        fmt::format("{} {} PRAGMA application_id = {}; PRAGMA user_version = {};",
                    sql::common_tables(types), indexes, application_id, sql::schema_version));
    if (made) made = connection.commit();
    if (!made) connection.roll_back();
    return made;
}

} // namespace minewarden::collector::sqlite
