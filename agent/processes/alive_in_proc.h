// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/subject_abi.h"

namespace minewarden::agent {

/// Asks /proc whether the process of this subject is alive, whatever program it runs now. A zombie,
/// which only waits for its parent to collect its exit status, is not alive.
[[nodiscard]] bool is_alive_in_proc(const abi::subject_id& subject);

} // namespace minewarden::agent
