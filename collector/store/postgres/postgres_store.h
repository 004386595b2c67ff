// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/store.h"

#include <memory>
#include <string>

namespace minewarden::collector {

/// Whether a database is named as a PostgreSQL URI.
[[nodiscard]] bool is_postgres_uri(std::string_view database);

/// Opens the store in the PostgreSQL database of a postgresql:// URI, which several collectors may
/// share. It makes its tables in an empty database. One that cannot be reached now is no error: the
/// store connects by itself, less and less often, down to every two seconds, and until then
/// everything fails with kind `unavailable`. Errors, of kind config: a URI that is none, a server
/// that does not let us in, the database of another program or of another version.
Result<std::unique_ptr<Store>> open_postgres_store(const std::string& uri);

/// The URI as it may be shown: without its password.
[[nodiscard]] std::string shown_database(const std::string& database);

} // namespace minewarden::collector
