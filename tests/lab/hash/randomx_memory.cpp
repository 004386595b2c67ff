// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/randomx_memory.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace minewarden::lab {
namespace {

using std::chrono::steady_clock;

/// 1 MiB of the data set. The stop is checked after each step.
constexpr unsigned long items_per_step = 16384;
constexpr std::size_t item_bytes = 64; // RANDOMX_DATASET_ITEM_SIZE

double seconds_since(steady_clock::time_point start) {
    return std::chrono::duration<double>(steady_clock::now() - start).count();
}

Failure<Error> no_memory(std::string_view what, int mebibytes, bool large_pages) {
    if (large_pages)
        return fail(ErrorKind::unavailable,
                    fmt::format("no large pages for the RandomX {} of {} MiB: set "
                                "vm.nr_hugepages to {} and one more per thread",
                                what, mebibytes, mebibytes / 2));
    return fail(ErrorKind::unavailable,
                fmt::format("no memory for the RandomX {} of {} MiB", what, mebibytes));
}

} // namespace

Result<std::shared_ptr<const RandomxMemory>> RandomxMemory::build(const RandomxSettings& settings,
                                                                  ByteView key, EventLog& events,
                                                                  const Stop& stop) {
    // make_shared cannot call the private constructor.
    const std::shared_ptr<RandomxMemory> memory(new RandomxMemory(settings));
    if (auto filled = memory->fill_cache(key, events); !filled) return fail(filled.error());
    if (settings.full) {
        if (auto filled = memory->fill_dataset(events, stop); !filled) return fail(filled.error());
    }
    return std::shared_ptr<const RandomxMemory>(memory);
}

Result<void> RandomxMemory::fill_cache(ByteView key, EventLog& events) {
    const auto start = steady_clock::now();
    randomx_flags flags = randomx_get_flags() & RANDOMX_FLAG_ARGON2;
    if (settings_.jit) flags |= RANDOMX_FLAG_JIT;
    // In full mode the cache is only needed to fill the data set.
    const bool large_pages = settings_.large_pages && !settings_.full;
    if (large_pages) flags |= RANDOMX_FLAG_LARGE_PAGES;
    cache_.reset(randomx_alloc_cache(flags));
    if (!cache_) return no_memory("cache", 256, large_pages);
    randomx_init_cache(cache_.get(), key.data(), key.size());
    events.emit("cache_ready", {{"mib", 256}, {"seconds", seconds_since(start)}});
    return {};
}

Result<void> RandomxMemory::fill_dataset(EventLog& events, const Stop& stop) {
    const auto start = steady_clock::now();
    dataset_.reset(randomx_alloc_dataset(settings_.large_pages ? RANDOMX_FLAG_LARGE_PAGES
                                                               : RANDOMX_FLAG_DEFAULT));
    if (!dataset_) return no_memory("data set", 2080, settings_.large_pages);
    TRY(move_to(settings_.dataset_in, randomx_get_dataset_memory(dataset_.get()),
                randomx_dataset_item_count() * item_bytes));
    events.emit("dataset_started", {{"mib", 2080}, {"threads", settings_.fill_threads}});

    const unsigned long count = randomx_dataset_item_count();
    std::atomic<unsigned long> next = 0;
    std::atomic<unsigned long> filled = 0;
    const auto fill = [&] {
        for (;;) {
            const unsigned long first = next.fetch_add(items_per_step);
            if (first >= count || stop.requested()) return;
            const unsigned long step = std::min(items_per_step, count - first);
            randomx_init_dataset(dataset_.get(), cache_.get(), first, step);
            const unsigned long before = filled.fetch_add(step);
            const unsigned long tenths = (before + step) * 10 / count;
            if (tenths != before * 10 / count && tenths < 10)
                events.emit("dataset_progress",
                            {{"percent", tenths * 10}, {"seconds", seconds_since(start)}});
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 1; i < settings_.fill_threads; ++i) threads.emplace_back(fill);
        fill();
    }
    if (filled.load() != count)
        return fail(ErrorKind::unavailable, "stopped before the RandomX data set was filled");
    cache_.reset();
    events.emit(
        "dataset_ready",
        {{"mib", 2080}, {"threads", settings_.fill_threads}, {"seconds", seconds_since(start)}});
    return {};
}

} // namespace minewarden::lab
