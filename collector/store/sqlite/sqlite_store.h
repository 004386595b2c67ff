// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/store.h"

#include <filesystem>
#include <memory>

namespace minewarden::collector {

/// Opens the store in one SQLite file, creating it (mode 0600). A file that is no database of ours,
/// is of another version, or is in use by another collector is an error of kind config.
/// "<path>.lock" marks the file as in use.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& path);

} // namespace minewarden::collector
