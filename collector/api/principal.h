// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <variant>

namespace minewarden::collector {

/// The process at the other end of a Unix socket when it connected, as the kernel says
/// (SO_PEERCRED). The process may have ended since, or handed its descriptor on.
struct UnixPeer {
    uid_t user = 0;
    gid_t group = 0;
    pid_t process = 0; ///< in the collector's pid namespace; 0 if it is in another one
    bool operator==(const UnixPeer&) const = default;
};

/// Who sends a request, as the connection proves it. A request that proves nothing has no
/// principal and is never handled. The subjects of certificates and tokens become alternatives.
using Principal = std::variant<UnixPeer>;

} // namespace minewarden::collector
