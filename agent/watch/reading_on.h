// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/connections/connections.h"
#include "common/result.h"

#include <functional>

namespace minewarden::agent {

/// Has the kernel capture these connections again from their next payload on. Returns connections
/// of earlier calls for which it gives that up.
using CaptureAgain =
    std::function<Result<std::vector<std::uint64_t>>(std::span<const std::uint64_t> flow_ids)>;

/// Reads on what connections say after their first kilobytes: has some of them captured again, each
/// in its turn. Call it at the end of each window.
void read_on(Connections& connections, const CaptureAgain& capture_again);

} // namespace minewarden::agent
