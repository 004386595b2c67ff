// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace minewarden::agent {

/// The next step when the kernel denies this process a BPF program or map for lack of permission.
/// It depends on the capabilities of the process and on its user namespace.
[[nodiscard]] std::string permission_remedy();

} // namespace minewarden::agent
