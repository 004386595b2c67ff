// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/stream_book.h"

#include "collector/store/sql/content_bytes.h"

#include <utility>

namespace minewarden::collector::sql {

Result<StreamBook> StreamBook::open(Connection& connection) {
    StreamBook book;
    TRY(prepare_all(
        connection,
        {{&book.find_, "SELECT s.row, s.agent, s.sequence FROM streams s "
                       "JOIN agents a ON a.row = s.agent WHERE a.key = ?1 AND s.id = ?2"},
         {&book.insert_,
          "INSERT INTO streams (agent, id, boot_id, opened_ns, moved_ns, sequence, kept) "
          "VALUES (?1, ?2, ?3, ?4, ?4, 0, 0)"},
         {&book.update_, "UPDATE streams SET boot_id = ?2 WHERE row = ?1"},
         {&book.count_, "SELECT count(*) FROM streams WHERE agent = ?1 AND row < ?2"},
         {&book.save_, "UPDATE streams SET sequence = ?2, kept = kept + ?3, moved_ns = ?4 "
                       "WHERE row = ?1"}}));
    return book;
}

Result<KnownStream*> StreamBook::find(const StreamKey& key) {
    if (const auto known = known_.find(key); known != known_.end()) return &known->second;
    TRY_ASSIGN(const auto is_row, find_->bind(key.agent, key.stream).step());
    if (!is_row) return nullptr;
    KnownStream stream{find_->integer(0), find_->integer(1), false,
                       static_cast<std::uint64_t>(find_->integer(2))};
    find_->reset();
    TRY_ASSIGN(const auto before, read_number(count_->bind(stream.agent, stream.row)));
    stream.first_of_agent = before == 0;
    return &known_.emplace(key, stream).first->second;
}

Result<KnownStream*> StreamBook::greet(const Opening& opening, std::int64_t agent, WallTime now,
                                       CounterTable& counters) {
    TRY_ASSIGN(KnownStream * stream, find(opening.stream));
    if (stream != nullptr) {
        TRY(update_->bind(stream->row, opening.boot_id).run());
        return stream;
    }
    TRY(insert_->bind(agent, opening.stream.stream, opening.boot_id, now.ns).run());
    counters.add(DataClass::agents, 0, stream_bytes);
    return find(opening.stream);
}

Result<void> StreamBook::save(KnownStream& stream, WallTime now) {
    const std::uint64_t kept = std::exchange(stream.kept, 0);
    return save_->bind(stream.row, stream.sequence, kept, now.ns).run();
}

} // namespace minewarden::collector::sql
