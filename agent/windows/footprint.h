// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/host/process_files.h"
#include "rules/observation/subject.h"

#include <functional>
#include <optional>

namespace minewarden::agent {

/// What a process holds in memory and writes for block devices: what only the real thing pays for.
struct Footprint {
    std::int64_t private_mib = 0;  ///< resident anonymous, shared and huge pages
    std::int64_t resident_mib = 0; ///< all resident pages
    std::int64_t device_written_kib_per_s = 0;
};

/// Sizes of the largest ranges of mappings of a process. Costs a read of its maps.
using LargestRangesOf = std::function<std::optional<LargestRanges>(const rules::ImageKey&)>;

} // namespace minewarden::agent
