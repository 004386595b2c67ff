// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/store.h"

#include <memory>
#include <string>

namespace minewarden::collector {

/// True for a PostgreSQL URI.
[[nodiscard]] bool is_postgres_uri(std::string_view database);

/// Checks the setting collector.database without opening anything. Errors have kind config.
Result<void> check_database(const std::string& database);

/// Opens the store in the PostgreSQL database of a postgresql:// URI, which several collectors may
/// share. Creates the tables in an empty database. An unreachable server is not an error: the store
/// retries with growing pauses of up to two seconds, and until then every call fails with kind
/// `unavailable`. Errors (config): invalid URI, access denied, a database of another program or
/// version.
Result<std::unique_ptr<Store>> open_postgres_store(const std::string& uri);

/// The URI without its password, for messages.
[[nodiscard]] std::string shown_database(const std::string& database);

} // namespace minewarden::collector
