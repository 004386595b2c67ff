// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/cursor.h"

namespace minewarden::collector {

/// A cursor is a row number in the database. Only the store uses this.
struct CursorRow {
    static Cursor cursor(std::int64_t row) {
        Cursor cursor;
        cursor.row_ = static_cast<std::uint64_t>(row);
        return cursor;
    }
    static std::int64_t row(Cursor cursor) { return static_cast<std::int64_t>(cursor.row_); }
};

} // namespace minewarden::collector
