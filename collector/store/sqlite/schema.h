// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sql/database.h"

#include <filesystem>

namespace minewarden::collector::sqlite {

/// Refuses (kind config) a database of another version or another program. Changes nothing. True if
/// it has our tables, false if it is empty.
Result<bool> check_usable(sql::Connection& connection, const std::filesystem::path& path);

/// Creates the tables in an empty database, in one transaction.
Result<void> make_tables(sql::Connection& connection);

} // namespace minewarden::collector::sqlite
