// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <variant>

namespace minewarden::collector {

/// The process that connected to the Unix socket (SO_PEERCRED). It may have ended since, or passed
/// its descriptor to another process.
struct UnixPeer {
    uid_t user = 0;
    gid_t group = 0;
    pid_t process = 0; ///< in the collector's pid namespace; 0 from another namespace
    bool operator==(const UnixPeer&) const = default;
};

/// The authenticated sender of a request. A request without one is never handled. Certificates and
/// tokens will be further alternatives.
using Principal = std::variant<UnixPeer>;

} // namespace minewarden::collector
