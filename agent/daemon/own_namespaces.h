// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

namespace minewarden::agent {

/// Puts boot_now() on the host's clock where this process has a time namespace of its own, and
/// warns of what a pid or cgroup namespace of its own hides. Before any thread. An error of kind
/// `config` where the host's clock cannot be known: every time and every start would be wrong.
Result<void> settle_namespaces();

} // namespace minewarden::agent
