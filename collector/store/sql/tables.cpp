// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/tables.h"

#include "collector/store/sql/counter_table.h"

#include <fmt/core.h>

namespace minewarden::collector::sql {
namespace {

// Times are nanoseconds since 1970 UTC. `row` of findings, gaps and visibility is the cursor of the
// store interface: assigned by the writer, never reused.
//
// findings has the columns of filters, in dense pages. The content is in finding_bytes: `head`
// (protobuf wire::Finding without its record) before `record`, so that lists do not read records.
//
// (stream, sequence) is unique because streams.sequence moves in the transaction that stores the
// record. `kept` counts the findings and gaps of a stream.
//
// Foreign keys are not declared: PostgreSQL would check each one with a query, and the only unit of
// work keeps them valid.
constexpr std::string_view streams_and_findings = R"sql(
CREATE TABLE collectors (
  row {row},
  id {bytes} NOT NULL UNIQUE,
  beats {integer} NOT NULL
){end};
CREATE TABLE agents (
  row {row},
  key {bytes} NOT NULL UNIQUE,
  name {text} NOT NULL,
  host_name {text} NOT NULL,
  version {text} NOT NULL,
  first_seen_ns {integer} NOT NULL,
  last_seen_ns {integer} NOT NULL,
  collector {integer} NOT NULL
){end};
CREATE TABLE streams (
  row {row},
  agent {integer} NOT NULL,
  id {bytes} NOT NULL,
  boot_id {bytes} NOT NULL,
  opened_ns {integer} NOT NULL,
  moved_ns {integer} NOT NULL,
  sequence {integer} NOT NULL,
  kept {integer} NOT NULL,
  UNIQUE (agent, id)
){end};
CREATE TABLE findings (
  row {integer} PRIMARY KEY,
  agent {integer} NOT NULL,
  stream {integer} NOT NULL,
  sequence {integer} NOT NULL,
  finding_id {bytes} NOT NULL,
  version {integer} NOT NULL,
  state {integer} NOT NULL,
  certainty {integer} NOT NULL,
  activity {text} NOT NULL,
  changed_ns {integer} NOT NULL,
  received_ns {integer} NOT NULL,
  superseded {integer} NOT NULL
){end};
CREATE TABLE finding_bytes (
  row {integer} PRIMARY KEY,
  head {bytes} NOT NULL,
  record {bytes} NOT NULL
){end};
)sql";

// A table of its own, because findings are never changed. A finding without a row was not in the
// sample. The index has only the mismatches (2): they are few, and queries need them.
//
// All agents send the same rules; they are stored once. The intake has checked the digest. The last
// use was at `used_ns`.
constexpr std::string_view results_and_rules = R"sql(
CREATE TABLE recomputations (
  finding {integer} PRIMARY KEY,
  result {integer} NOT NULL,
  made_ns {integer} NOT NULL,
  detail {text} NOT NULL
){end};
CREATE INDEX recomputations_mismatched ON recomputations(finding) WHERE result = 2;
CREATE TABLE followers (
  name {text} PRIMARY KEY,
  position {integer} NOT NULL
){end};
CREATE TABLE rule_sets (
  row {row},
  digest {bytes} NOT NULL UNIQUE,
  received_ns {integer} NOT NULL,
  used_ns {integer} NOT NULL,
  bytes {bytes} NOT NULL
){end};
)sql";

// A visibility record is open while until_ns is NULL. At most one is open for each agent, reason
// and place. reason and ended_by have the names of the API.
constexpr std::string_view fleet = R"sql(
CREATE TABLE gaps (
  row {integer} PRIMARY KEY,
  stream {integer} NOT NULL,
  place {text} NOT NULL,
  lost {integer} NOT NULL,
  first_sequence {integer},
  last_sequence {integer},
  from_ns {integer} NOT NULL,
  until_ns {integer} NOT NULL,
  received_ns {integer} NOT NULL,
  detail {text} NOT NULL
){end};
CREATE TABLE heartbeats (
  agent {integer} PRIMARY KEY,
  received_ns {integer} NOT NULL,
  rule_set {bytes},
  bytes {bytes} NOT NULL
){end};
CREATE INDEX heartbeats_rule_set ON heartbeats (rule_set);
CREATE TABLE visibility (
  row {integer} PRIMARY KEY,
  agent {integer} NOT NULL,
  reason {text} NOT NULL,
  place {text} NOT NULL,
  since_ns {integer} NOT NULL,
  until_ns {integer},
  ended_by {text},
  detail {text} NOT NULL
){end};
CREATE UNIQUE INDEX visibility_open ON visibility (agent, reason, place) WHERE until_ns IS NULL;
CREATE TABLE counters (
  name {text} PRIMARY KEY,
  value {integer} NOT NULL
){end};
)sql";

} // namespace

std::string version_problem(std::int64_t version) {
    if (version == schema_version) return "";
    if (version > schema_version)
        return fmt::format("has schema version {} but this program supports at most {}: a "
                           "newer minewarden-collector wrote it; install that one, or set another "
                           "database in collector.database",
                           version, schema_version);
    return fmt::format("has schema version {}, of a minewarden-collector before the first release; "
                       "set another database in collector.database",
                       version);
}

std::string common_tables(const TypeNames& types) {
    std::string sql;
    for (const std::string_view part : {streams_and_findings, results_and_rules, fleet})
        sql += fmt::format(fmt::runtime(part), fmt::arg("integer", types.integer),
                           fmt::arg("bytes", types.bytes), fmt::arg("text", types.text),
                           fmt::arg("row", types.row), fmt::arg("end", types.end));
    for (const std::string& name : counter_names())
        sql += fmt::format("INSERT INTO counters VALUES ('{}', 0);\n", name);
    return sql;
}

} // namespace minewarden::collector::sql
