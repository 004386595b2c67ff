// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/error.h"

#include <string_view>

namespace minewarden::collector::postgres {

/// The error kind of an SQLSTATE (PostgreSQL 15, appendix A).
[[nodiscard]] ErrorKind error_kind(std::string_view sql_state);

/// True if another server, or this one later, may succeed.
[[nodiscard]] bool is_reason_to_reconnect(std::string_view sql_state);

/// The error kind of a failed connection, by its message: libpq has no code for it. `config` if the
/// server denied access, else `unavailable`.
[[nodiscard]] ErrorKind connect_error_kind(std::string_view message);

} // namespace minewarden::collector::postgres
