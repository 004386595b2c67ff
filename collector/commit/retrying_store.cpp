// SPDX-License-Identifier: Apache-2.0
#include "collector/commit/retrying_store.h"

#include "common/log.h"

#include <algorithm>
#include <set>
#include <string>

namespace minewarden::collector {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{5000};
constexpr std::size_t most_reasons = 20; ///< different errors logged during one failure

} // namespace

std::optional<Outcome> RetryingStore::commit(std::span<const Arrival> arrivals) {
    auto pause = first_pause;
    std::set<std::string> logged; // logs each reason once
    for (;;) {
        const auto start = Clock::now();
        auto outcome = store_.commit(arrivals, wall_now());
        if (outcome) {
            if (!counters_.is_storing.exchange(true)) log::info("findings can be stored again");
            count(*outcome, Clock::now() - start);
            return std::move(*outcome);
        }
        ++counters_.commit_failures;
        counters_.is_storing = false;
        if (logged.size() < most_reasons && logged.insert(outcome.error().message).second)
            log::error("cannot store findings, so nothing is acknowledged and agents keep their "
                       "records; retrying: {}",
                       outcome.error().message);
        if (is_stopped_within(pause)) return std::nullopt;
        pause = std::min(pause * 2, longest_pause);
    }
}

void RetryingStore::stop() {
    {
        const std::lock_guard guard(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
}

bool RetryingStore::is_stopped_within(std::chrono::milliseconds duration) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, duration, [this] { return is_stopping_; });
}

void RetryingStore::count(const Outcome& outcome, std::chrono::nanoseconds took) {
    ++counters_.commits;
    counters_.commit_ns += static_cast<std::uint64_t>(took.count());
    counters_.findings += outcome.findings;
    counters_.rule_sets += outcome.rule_sets;
    counters_.gaps += outcome.gaps;
    counters_.duplicates += outcome.duplicates;
    counters_.rejected_records += outcome.rejected;
}

} // namespace minewarden::collector
