// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/result.h"

#include <string>

namespace minewarden {

/// The random id of this boot.
Result<BootId> read_boot_id();

/// /proc/sys/kernel/osrelease, e.g. "6.1.0-26-amd64".
[[nodiscard]] std::string kernel_release();

[[nodiscard]] std::string host_name();

} // namespace minewarden
