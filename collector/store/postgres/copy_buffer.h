// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"

#include <string>
#include <string_view>

namespace minewarden::collector::postgres {

/// Rows in the binary format of COPY (PostgreSQL 15, COPY, "Binary Format").
class CopyBuffer {
  public:
    explicit CopyBuffer(std::int16_t columns) : columns_(columns) { clear(); }

    /// Then each column in order.
    void begin_row();
    void add(std::int64_t value); ///< bigint
    void add(ByteView bytes);     ///< bytea
    void add(std::string_view text) { add(as_bytes(text)); }

    [[nodiscard]] bool has_rows() const { return has_rows_; }
    /// All rows and the trailer. REQUIRES: no row is added afterwards.
    ByteView finish();
    void clear();

  private:
    std::int16_t columns_;
    bool has_rows_ = false;
    std::string bytes_;
};

} // namespace minewarden::collector::postgres
