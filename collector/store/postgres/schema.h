// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/postgres/database.h"

namespace minewarden::collector::postgres {

/// Creates the tables in an empty database; several collectors may call it at the same time.
/// Refuses (kind config) a database of another version or another program.
Result<void> make_usable(Connection& connection);

/// The same check without creating tables.
Result<void> check_usable(Connection& connection);

} // namespace minewarden::collector::postgres
