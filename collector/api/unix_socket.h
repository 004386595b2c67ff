// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"

#include <sys/types.h>

#include <filesystem>

namespace minewarden::collector {

/// A listening Unix socket at `path` with `mode`. HttpServer::start says what happens to an
/// existing file.
Result<Fd> listen_on_unix_socket(const std::filesystem::path& path, mode_t mode);

} // namespace minewarden::collector
