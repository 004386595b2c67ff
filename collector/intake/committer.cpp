// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/committer.h"

#include "common/log.h"

#include <algorithm>
#include <pthread.h>
#include <set>
#include <string>

namespace minewarden::collector {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{5000};
constexpr std::size_t most_reasons = 20; ///< different errors logged during one failure

} // namespace

Committer::Committer(IntakeStore& store, Counters& counters,
                     std::function<void(const Outcome&)> on_commit)
    : store_(store),
      counters_(counters),
      on_commit_(std::move(on_commit)),
      thread_([this] { run(); }) {
}

Committer::~Committer() {
    {
        const std::lock_guard guard(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Committer::start(std::span<const Arrival> arrivals) {
    is_busy_ = true;
    {
        const std::lock_guard guard(mutex_);
        work_ = arrivals;
    }
    changed_.notify_all();
}

std::optional<Outcome> Committer::take() {
    const std::lock_guard guard(mutex_);
    if (!outcome_) return std::nullopt;
    done_.clear();
    is_busy_ = false;
    return std::exchange(outcome_, std::nullopt);
}

void Committer::run() {
    ::pthread_setname_np(::pthread_self(), "commit");
    for (;;) {
        std::span<const Arrival> arrivals;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return work_ || is_stopping_; });
            if (is_stopping_) return;
            arrivals = *std::exchange(work_, std::nullopt);
        }
        auto outcome = commit(arrivals);
        if (!outcome) return;
        const bool stored = outcome->findings + outcome->gaps + outcome->visibility > 0;
        const Outcome told = stored && on_commit_ ? *outcome : Outcome{};
        {
            const std::lock_guard guard(mutex_);
            outcome_ = std::move(outcome);
        }
        done_.set();
        // After the acknowledgement is sent: followers must not delay agents.
        if (stored && on_commit_) on_commit_(told);
    }
}

/// Retries until it succeeds; nullopt if stopped before.
std::optional<Outcome> Committer::commit(std::span<const Arrival> arrivals) {
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

bool Committer::is_stopped_within(std::chrono::milliseconds duration) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, duration, [this] { return is_stopping_; });
}

void Committer::count(const Outcome& outcome, std::chrono::nanoseconds took) {
    ++counters_.commits;
    counters_.commit_ns += static_cast<std::uint64_t>(took.count());
    counters_.findings += outcome.findings;
    counters_.rule_sets += outcome.rule_sets;
    counters_.gaps += outcome.gaps;
    counters_.duplicates += outcome.duplicates;
    counters_.rejected_records += outcome.rejected;
}

} // namespace minewarden::collector
