// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace minewarden::agent {

/// What helps this process when the kernel refuses a BPF program or map for want of permission:
/// depends on whether it has the capabilities, and in which user namespace.
[[nodiscard]] std::string permission_remedy();

} // namespace minewarden::agent
