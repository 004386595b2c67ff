// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"

#include <string>
#include <vector>

namespace minewarden::collector {

/// A socket on which agents arrive. The supervisor holds it, so that it survives the intake
/// process: meanwhile agents wait in its queue.
struct ListeningSocket {
    Fd socket;            ///< non-blocking
    std::string endpoint; ///< with the actual port
};

/// Binds tcp:// and ipc:// endpoints (common/endpoint.h). Waits a little for an address that the
/// processes of a killed collector still hold. Errors have kind config.
Result<std::vector<ListeningSocket>> listen_on(const std::vector<std::string>& endpoints);

} // namespace minewarden::collector
