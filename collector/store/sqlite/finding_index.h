// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sql/statements.h"

#include <sodium.h>
#include <unordered_map>

namespace minewarden::collector::sqlite {

/// The writer's side of the indexes by id and by time of change. If each row were inserted at once,
/// the index by id would dirty a page for each finding, which is too slow when the index is larger
/// than the page cache. So the newest rows ("the tail") are indexed in memory and moved to the
/// tables in sorted runs. Readers scan the tail. See schema.cpp.
class FindingIndex {
  public:
    /// Loads the tail.
    static Result<FindingIndex> open(sql::Connection& connection);

    /// Adds a new row to the tail. Returns the row of the previous version (same agent and finding)
    /// if it is in the tail.
    std::optional<std::int64_t> add(std::int64_t agent, const FindingId& id, std::int64_t row);
    /// The current version among the rows before the tail.
    Result<std::optional<std::int64_t>> find_indexed(std::int64_t agent, const FindingId& id);
    /// Moves a long tail to the tables. REQUIRES: a transaction
    Result<void> move_if_due();
    /// Removes a row from the tables if it is there. REQUIRES: a transaction
    Result<void> remove(std::int64_t row, const FindingId& id, std::int64_t changed_ns);

  private:
    struct Key {
        std::int64_t agent;
        FindingId id;
        bool operator==(const Key&) const = default;
    };
    /// A keyed hash, because agents choose ids and must not be able to cause collisions.
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
