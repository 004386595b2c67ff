// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/store_status.h"

#include <chrono>
#include <cstdint>

namespace minewarden::collector {

/// How long and how much of one class of data is kept. 0: without a limit.
struct ClassLimit {
    std::chrono::nanoseconds age{0};
    std::uint64_t bytes = 0;
};

/// What is kept (docs/storage.md). The current version of an open finding is never deleted, nor a
/// visibility record that is open, nor rules that an agent runs.
struct RetentionPolicy {
    std::array<ClassLimit, data_classes> limits{};
    [[nodiscard]] const ClassLimit& of(DataClass data) const {
        return limits[static_cast<std::size_t>(data)];
    }
    ClassLimit& of(DataClass data) { return limits[static_cast<std::size_t>(data)]; }
};

/// Where a pass over the data has got to. Begin each pass with a new one.
struct RetentionProgress {
    std::size_t data = 0; ///< of DataClass, the one in work
    std::int64_t row = 0; ///< rows up to this one were looked at
};

/// What one batch did.
struct RetentionStep {
    std::uint64_t rows = 0;  ///< deleted
    std::uint64_t bytes = 0; ///< deleted
    bool is_done = false;    ///< the pass has seen everything
};

} // namespace minewarden::collector
