// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sqlite/finding_index.h"

#include <algorithm>

namespace minewarden::collector::sqlite {
namespace {

/// Maximum length of the tail. Long enough that many rows share index pages (measured: half of it
/// costs 20 % more for each row), short enough that a query scans it in about 10 ms. Longer for a
/// large index, where the same rows touch more pages.
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

Result<FindingIndex> FindingIndex::open(sql::Connection& connection) {
    FindingIndex index;
    TRY(sql::prepare_all(
        connection,
        {{&index.find_, "SELECT f.row FROM finding_ids i CROSS JOIN findings f ON f.row = i.row "
                        "WHERE i.finding_id = ?1 AND f.agent = ?2 AND f.superseded = 0 "
                        "ORDER BY i.row DESC LIMIT 1"},
         {&index.move_ids_, "INSERT INTO finding_ids SELECT finding_id, row FROM findings "
                            "WHERE row > ?1 AND row <= ?2 ORDER BY finding_id, row"},
         {&index.move_changes_, "INSERT INTO finding_changes SELECT changed_ns, row FROM findings "
                                "WHERE row > ?1 AND row <= ?2 ORDER BY changed_ns, row"},
         {&index.progress_, "UPDATE finding_index_progress SET row = ?1"},
         {&index.remove_id_, "DELETE FROM finding_ids WHERE finding_id = ?1 AND row = ?2"},
         {&index.remove_change_,
          "DELETE FROM finding_changes WHERE changed_ns = ?1 AND row = ?2"}}));
    TRY_ASSIGN(const auto indexed,
               sql::read_number(connection, "SELECT row FROM finding_index_progress"));
    index.indexed_ = index.newest_ = indexed.value_or(0);
    index.tail_.reserve(shortest_run);
    TRY_ASSIGN(const auto load,
               connection.prepare("SELECT row, agent, finding_id FROM findings WHERE row > ?1 "
                                  "ORDER BY row",
                                  sql::Connection::Use::once));
    load->bind(index.indexed_);
    for (;;) {
        TRY_ASSIGN(const auto is_row, load->step());
        if (!is_row) return index;
        const auto id = FindingId::from(load->blob(2));
        if (id) index.add(load->integer(1), *id, load->integer(0));
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
    return sql::read_number(find_->bind(id, agent));
}

Result<void> FindingIndex::move_if_due() {
    if (newest_ - indexed_ < std::clamp(indexed_ / run_share, shortest_run, longest_run)) return {};
    TRY(move_ids_->bind(indexed_, newest_).run());
    TRY(move_changes_->bind(indexed_, newest_).run());
    TRY(progress_->bind(newest_).run());
    indexed_ = newest_;
    tail_.clear();
    return {};
}

Result<void> FindingIndex::remove(std::int64_t row, const FindingId& id, std::int64_t changed_ns) {
    if (row > indexed_) return {};
    TRY(remove_id_->bind(id, row).run());
    return remove_change_->bind(changed_ns, row).run();
}

} // namespace minewarden::collector::sqlite
