// SPDX-License-Identifier: Apache-2.0
#include "collector/retention/retainer.h"

#include "common/log.h"

#include <algorithm>
#include <pthread.h>

namespace minewarden::collector {
namespace {

/// The pause after a step, as a multiple of the step's duration.
constexpr int rest_factor = 3;
constexpr std::chrono::nanoseconds shortest_rest = std::chrono::milliseconds(1);

} // namespace

Retainer::Retainer(Store& store, RetentionOptions options)
    : store_(store), options_(options), thread_([this] { run(); }) {
}

Retainer::~Retainer() {
    {
        const std::lock_guard guard(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Retainer::run() {
    ::pthread_setname_np(::pthread_self(), "retain");
    do {
        // Other threads log problems of the store.
        if (const auto done = do_pass(); !done) log::debug("retention: {}", done.error().message);
    } while (!is_stopped_within(options_.interval));
}

Result<void> Retainer::do_pass() {
    RetentionProgress progress;
    RetentionStep all;
    while (!all.is_done) {
        const auto began = std::chrono::steady_clock::now();
        TRY_ASSIGN(const auto step, do_step(progress));
        all = {all.rows + step.rows, all.bytes + step.bytes, step.is_done};
        rest(began);
        if (is_stopped_within({})) return {};
    }
    if (all.rows > 0) log::debug("retention: deleted {} rows, {} bytes", all.rows, all.bytes);
    for (bool more = true; more && !is_stopped_within({});) {
        const auto began = std::chrono::steady_clock::now();
        TRY_ASSIGN(more, store_.give_space_back());
        rest(began);
    }
    return {};
}

Result<RetentionStep> Retainer::do_step(RetentionProgress& progress) {
    TRY_ASSIGN(const auto unit, store_.begin());
    TRY_ASSIGN(const auto step, unit->remove_expired(options_.policy, progress, wall_now()));
    // Nothing was written: no commit is needed.
    if (step.rows == 0 && step.bytes == 0) return step;
    TRY(unit->commit());
    return step;
}

void Retainer::rest(std::chrono::steady_clock::time_point step_began) {
    const auto took = std::chrono::steady_clock::now() - step_began;
    (void)is_stopped_within(std::max(shortest_rest, rest_factor * took));
}

bool Retainer::is_stopped_within(std::chrono::nanoseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return is_stopping_; });
}

} // namespace minewarden::collector
