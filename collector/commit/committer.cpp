// SPDX-License-Identifier: Apache-2.0
#include "collector/commit/committer.h"

#include <pthread.h>
#include <utility>

namespace minewarden::collector {

Committer::Committer(IntakeStore& store, Counters& counters,
                     std::function<void(const Outcome&)> on_commit)
    : store_(store, counters), on_commit_(std::move(on_commit)), thread_([this] { run(); }) {
}

Committer::~Committer() {
    Committer::stop();
}

void Committer::stop() {
    {
        const std::lock_guard guard(mutex_);
        is_stopping_ = true;
    }
    store_.stop();
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
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
        auto outcome = store_.commit(arrivals);
        if (!outcome) return;
        const bool stored = has_news(*outcome);
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

} // namespace minewarden::collector
