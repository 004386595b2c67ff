// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/postgres/database.h"

namespace minewarden::collector::postgres {

/// Makes the tables in an empty database; several collectors may do so at the same time. Refuses
/// (kind config) a database of another version and one that another program made.
Result<void> make_usable(Connection& connection);

/// The same without making anything.
Result<void> check_usable(Connection& connection);

} // namespace minewarden::collector::postgres
