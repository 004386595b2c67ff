// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden::collector {

/// A position in the order of commits. Only cursors of the same kind (findings, gaps, visibility
/// records) can be compared. Later commits of any collector have greater cursors, and no cursor is
/// used twice: a reader that remembers its last cursor misses nothing. The default is before the
/// first.
class Cursor {
  public:
    Cursor() = default;
    auto operator<=>(const Cursor&) const = default;

    /// For the API: opaque to its clients.
    [[nodiscard]] std::string text() const;
    /// nullopt if it is not a result of text().
    [[nodiscard]] static std::optional<Cursor> parse(std::string_view text);

  private:
    friend struct CursorRow; // store/sql/cursor_row.h: what a cursor is in the database
    std::uint64_t row_ = 0;
};

} // namespace minewarden::collector
