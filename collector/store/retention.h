// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/store_status.h"

#include <chrono>
#include <cstdint>

namespace minewarden::collector {

/// Limits by age and size for one class of data. 0: no limit.
struct ClassLimit {
    std::chrono::nanoseconds age{0};
    std::uint64_t bytes = 0;
};

/// What is kept (docs/storage.md). Never deleted: the current version of an open finding, an open
/// visibility record, rules that an agent runs.
struct RetentionPolicy {
    std::array<ClassLimit, data_classes> limits{};
    [[nodiscard]] const ClassLimit& of(DataClass data) const {
        return limits[static_cast<std::size_t>(data)];
    }
    ClassLimit& of(DataClass data) { return limits[static_cast<std::size_t>(data)]; }
};

/// The position of a pass over the data. Start each pass with a new one.
struct RetentionProgress {
    std::size_t data = 0; ///< index of the current DataClass
    std::int64_t row = 0; ///< rows up to this one are done
};

/// The result of one batch.
struct RetentionStep {
    std::uint64_t rows = 0;  ///< deleted
    std::uint64_t bytes = 0; ///< deleted
    bool is_done = false;    ///< the pass is complete
};

} // namespace minewarden::collector
