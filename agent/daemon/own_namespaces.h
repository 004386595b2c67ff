// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

namespace minewarden::agent {

/// Sets boot_now() to the host's clock if this process has its own time namespace, and warns about
/// what its own pid or cgroup namespace hides. Call it before any thread is started. Fails with
/// kind `config` if the host's clock is not known, because all times would be wrong.
Result<void> adjust_to_namespaces();

} // namespace minewarden::agent
