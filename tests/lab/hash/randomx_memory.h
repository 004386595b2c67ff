// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/result.h"
#include "tests/lab/hash/memory_place.h"
#include "tests/lab/run/event_log.h"
#include "tests/lab/run/stop.h"

#include <memory>
#include <randomx.h>

namespace minewarden::lab {

struct RandomxSettings {
    bool full = false;        ///< a data set of 2080 MiB; otherwise a cache of 256 MiB
    bool jit = true;          ///< compiled programs; otherwise the interpreter
    bool secure_jit = false;  ///< compiled pages are never writable and executable at once
    bool large_pages = false; ///< MAP_HUGETLB for cache or data set and scratchpads
    MemoryPlace dataset_in = MemoryPlace::anonymous;
    unsigned fill_threads = 1;
};

/// The filled memory that all RandomX machines of one key share.
class RandomxMemory {
  public:
    /// Takes about a second for a cache and up to minutes for a data set. Emits events on progress.
    /// Errors: unavailable if there is not enough memory, or at the stop. The stop does not
    /// interrupt filling the cache.
    static Result<std::shared_ptr<const RandomxMemory>>
    build(const RandomxSettings& settings, ByteView key, EventLog& events, const Stop& stop);

    [[nodiscard]] const RandomxSettings& settings() const { return settings_; }
    [[nodiscard]] randomx_cache* cache() const { return cache_.get(); }
    [[nodiscard]] randomx_dataset* dataset() const { return dataset_.get(); }

  private:
    struct Release {
        void operator()(randomx_cache* cache) const { randomx_release_cache(cache); }
        void operator()(randomx_dataset* dataset) const { randomx_release_dataset(dataset); }
    };

    explicit RandomxMemory(const RandomxSettings& settings) : settings_(settings) {}
    Result<void> fill_cache(ByteView key, EventLog& events);
    Result<void> fill_dataset(EventLog& events, const Stop& stop);

    RandomxSettings settings_;
    std::unique_ptr<randomx_cache, Release> cache_;     ///< null in full mode after filling
    std::unique_ptr<randomx_dataset, Release> dataset_; ///< null in light mode
};

} // namespace minewarden::lab
