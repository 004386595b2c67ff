// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"

#include <sys/types.h>

#include <filesystem>

namespace minewarden::collector {

/// A listening Unix socket at `path` with `mode`. See HttpServer::start for what happens to a file
/// that is there already.
Result<Fd> listen_on_unix_socket(const std::filesystem::path& path, mode_t mode);

} // namespace minewarden::collector
