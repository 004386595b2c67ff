// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden::collector {

/// A place in the order of commits. Cursors of one kind (findings, gaps, visibility records) can be
/// compared with each other and nothing else. A place is never used again, and what is committed
/// later has a greater one, whichever collector commits it: a reader that remembers the last cursor
/// it saw misses nothing. The default is before the first.
class Cursor {
  public:
    Cursor() = default;
    auto operator<=>(const Cursor&) const = default;

    /// For the API: opaque to its clients.
    [[nodiscard]] std::string text() const;
    /// nullopt unless text() gave it.
    [[nodiscard]] static std::optional<Cursor> parse(std::string_view text);

  private:
    friend struct CursorRow; // store/sql/cursor_row.h: what a cursor is in the database
    std::uint64_t row_ = 0;
};

} // namespace minewarden::collector
