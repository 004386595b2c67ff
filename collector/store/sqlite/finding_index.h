// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sql/statements.h"

#include <sodium.h>
#include <unordered_map>

namespace minewarden::collector::sqlite {

/// The writer's side of the indexes by id and by time of change. Kept row by row, the one by id
/// would dirty one page for each finding and fall below the intake target once it outgrows the page
/// cache, so the newest rows ("the tail") are indexed in memory and moved to the tables in sorted
/// runs. Readers scan the tail. See schema.cpp.
class FindingIndex {
  public:
    /// Loads the tail.
    static Result<FindingIndex> open(sql::Connection& connection);

    /// Puts a new row into the tail. Returns the row that the tail had for the same finding of the
    /// same agent: the version before.
    std::optional<std::int64_t> add(std::int64_t agent, const FindingId& id, std::int64_t row);
    /// The current version among the rows that are no longer in the tail.
    Result<std::optional<std::int64_t>> find_indexed(std::int64_t agent, const FindingId& id);
    /// Moves the tail to the tables when it is long enough. REQUIRES: a transaction
    Result<void> move_if_due();
    /// Takes a row out of the tables, if it is there. REQUIRES: a transaction
    Result<void> remove(std::int64_t row, const FindingId& id, std::int64_t changed_ns);

  private:
    struct Key {
        std::int64_t agent;
        FindingId id;
        bool operator==(const Key&) const = default;
    };
    /// Keyed, because agents choose ids and must not be able to choose collisions.
    struct Hash {
        std::array<std::uint8_t, crypto_shorthash_KEYBYTES> key;
        Hash() { crypto_shorthash_keygen(key.data()); }
        std::size_t operator()(const Key& value) const;
    };

    FindingIndex() = default;

    sql::StatementPtr find_, move_ids_, move_changes_, progress_, remove_id_, remove_change_;
    std::unordered_map<Key, std::int64_t, Hash> tail_;
    std::int64_t indexed_ = 0; ///< rows up to this one are in the tables
    std::int64_t newest_ = 0;
};

} // namespace minewarden::collector::sqlite
