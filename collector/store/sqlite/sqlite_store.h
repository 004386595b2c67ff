// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/store.h"

#include <filesystem>
#include <memory>

namespace minewarden::collector {

/// Opens the store in an SQLite file; creates it with mode 0600. Errors (config): not our database,
/// another version, or in use by another collector. "<path>.lock" marks the file as in use.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& path);

} // namespace minewarden::collector
