// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/error.h"

#include <string_view>

namespace minewarden::collector::postgres {

/// What an error of the server means for us, by its SQLSTATE (PostgreSQL 15, appendix A).
[[nodiscard]] ErrorKind error_kind(std::string_view sql_state);

/// Whether this server will not do what is asked, but another one may, or the same one later.
[[nodiscard]] bool is_reason_to_reconnect(std::string_view sql_state);

/// A connection was refused with these words: libpq has no code for it. `config` where the server
/// answered and does not let us in, otherwise `unavailable`.
[[nodiscard]] ErrorKind connect_error_kind(std::string_view message);

} // namespace minewarden::collector::postgres
