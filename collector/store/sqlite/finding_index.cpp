// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sqlite/finding_index.h"

#include "collector/store/sqlite/statements.h"

#include <algorithm>

namespace minewarden::collector::sqlite {
namespace {

/// Long enough to share index pages among many rows (measured: half of it costs 20 % more per
/// row), short enough that scanning it for a question takes some 10 ms; longer for a large index,
/// where the same rows would touch more pages.
constexpr std::int64_t shortest_run = 131072;
constexpr std::int64_t longest_run = 524288;
constexpr std::int64_t run_share = 16; ///< of the index

} // namespace

std::size_t FindingIndex::Hash::operator()(const Key& value) const {
    std::uint64_t hash = 0;
    static_assert(sizeof hash == crypto_shorthash_BYTES);
    crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), value.id.bytes.data(),
                     value.id.bytes.size(), key.data());
    return hash ^ static_cast<std::uint64_t>(value.agent);
}

Result<FindingIndex> FindingIndex::open(Connection& connection) {
    FindingIndex index;
    Statement load;
    TRY(prepare_all(
        connection,
        {{&load, "SELECT f.row, s.agent, f.finding_id FROM findings f "
                 "JOIN streams s ON s.row = f.stream "
                 "WHERE f.row > (SELECT row FROM finding_index_progress) ORDER BY f.row"},
         {&index.find_, "SELECT f.row FROM finding_ids i CROSS JOIN findings f ON f.row = i.row "
                        "CROSS JOIN streams s ON s.row = f.stream "
                        "WHERE i.finding_id = ?1 AND s.agent = ?2 AND f.superseded = 0 "
                        "ORDER BY i.row DESC LIMIT 1"},
         {&index.move_ids_, "INSERT INTO finding_ids SELECT finding_id, row FROM findings "
                            "WHERE row > ?1 AND row <= ?2 ORDER BY finding_id, row"},
         {&index.move_changes_, "INSERT INTO finding_changes SELECT changed_ns, row FROM findings "
                                "WHERE row > ?1 AND row <= ?2 ORDER BY changed_ns, row"},
         {&index.progress_, "UPDATE finding_index_progress SET row = ?1"}}));
    TRY_ASSIGN(const auto indexed, connection.number("SELECT row FROM finding_index_progress"));
    index.indexed_ = index.newest_ = indexed;
    index.tail_.reserve(shortest_run);
    for (;;) {
        TRY_ASSIGN(const auto row, load.step());
        if (!row) return index;
        const auto id = FindingId::from(load.blob(2));
        if (id) index.add(load.integer(1), *id, load.integer(0));
    }
}

std::optional<std::int64_t> FindingIndex::add(std::int64_t agent, const FindingId& id,
                                              std::int64_t row) {
    newest_ = row;
    const auto [entry, is_new] = tail_.try_emplace(Key{agent, id}, row);
    if (is_new) return std::nullopt;
    return std::exchange(entry->second, row);
}

Result<std::optional<std::int64_t>> FindingIndex::find_indexed(std::int64_t agent,
                                                               const FindingId& id) {
    TRY_ASSIGN(const auto row, find_.bind(id, agent).step());
    const auto found = row ? std::optional(find_.integer(0)) : std::nullopt;
    find_.reset();
    return found;
}

Result<void> FindingIndex::move_if_due() {
    if (newest_ - indexed_ < std::clamp(indexed_ / run_share, shortest_run, longest_run)) return {};
    TRY(move_ids_.bind(indexed_, newest_).run());
    TRY(move_changes_.bind(indexed_, newest_).run());
    TRY(progress_.bind(newest_).run());
    indexed_ = newest_;
    tail_.clear();
    return {};
}

} // namespace minewarden::collector::sqlite
