// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sqlite/database.h"

#include <span>

namespace minewarden::collector::sqlite {

/// Step n takes a database of version n to version n + 1; version 0 is empty. Steps that were
/// released are never changed, only followed by others.
[[nodiscard]] std::span<const std::string_view> migrations();

[[nodiscard]] int current_schema_version();

/// Refuses (kind config) a database of a version above `version` and one that another program made.
/// Changes nothing. Returns the version found.
Result<int> check_usable(Connection& connection, const std::filesystem::path& path, int version);

/// Brings a usable database to `version`, each step in a transaction.
Result<void> migrate(Connection& connection, const std::filesystem::path& path, int version);

} // namespace minewarden::collector::sqlite
