// SPDX-License-Identifier: Apache-2.0
#include "collector/follower.h"

#include "common/log.h"

#include <chrono>
#include <pthread.h>

namespace minewarden::collector {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t page_size = 32;
constexpr std::chrono::seconds retry_pause{1};
/// Time for versions that are committed when the stop is requested.
constexpr std::chrono::milliseconds farewell{500};

} // namespace

Follower::Follower(FindingQueries& store, Cursor after, Callback callback)
    : store_(store),
      after_(after),
      callback_(std::move(callback)),
      thread_([this](const auto& stop) { run(stop); }) {
}

Follower::~Follower() = default;

void Follower::notify() {
    {
        const std::lock_guard guard(mutex_);
        is_behind_ = true;
    }
    changed_.notify_all();
}

void Follower::run(const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "follow");
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, stop, [this] { return is_behind_; });
            is_behind_ = false;
        }
        const bool is_last = stop.stop_requested();
        if (!catch_up(stop) || is_last) return;
    }
}

/// False if the callback returned false.
bool Follower::catch_up(const std::stop_token& stop) {
    std::optional<Clock::time_point> end;
    for (;;) {
        if (stop.stop_requested()) {
            if (!end) end = Clock::now() + farewell;
            if (Clock::now() >= *end) return true;
        }
        const auto page = store_.whole_findings_after(after_, page_size);
        if (!page) {
            log::warn("cannot read committed findings: {}", page.error().message);
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, stop, retry_pause, [] { return false; });
            if (stop.stop_requested()) return true;
            continue;
        }
        if (page->empty()) return true;
        if (!callback_(*page, stop)) return false;
        after_ = page->back().cursor;
    }
}

} // namespace minewarden::collector
