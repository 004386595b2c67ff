// SPDX-License-Identifier: Apache-2.0
#include "collector/recompute/recomputer.h"

#include "collector/recompute/check_finding.h"
#include "common/log.h"
#include "common/text.h"

#include <sys/resource.h>

#include <algorithm>
#include <pthread.h>
#include <unistd.h>

namespace minewarden::collector {
namespace {

constexpr int lowest_priority = 19;
/// How long results wait for the next commit to write them down.
constexpr std::chrono::milliseconds grace{100};

std::uint64_t random_seed() {
    std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
    fill_random(bytes);
    std::uint64_t seed = 0;
    for (const std::uint8_t byte : bytes) seed = seed << 8 | byte;
    return seed;
}

} // namespace

Recomputer::Recomputer(Store& store, RecomputeCounters& counters, RecomputeOptions options,
                       Cursor from)
    : store_(store),
      counters_(counters),
      options_(options),
      rules_(store),
      random_(random_seed()),
      done_(from),
      last_(from),
      thread_([this] { run(); }) {
}

Recomputer::~Recomputer() {
    {
        const std::lock_guard guard(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
    write_results();
}

void Recomputer::note_commit(Cursor last) {
    bool is_waiting = false;
    {
        const std::lock_guard guard(mutex_);
        last_ = std::max(last_, last);
        is_waiting = !results_.empty();
    }
    if (is_waiting) write_results();
    changed_.notify_all();
}

void Recomputer::run() {
    ::pthread_setname_np(::pthread_self(), "recompute");
    // On Linux of this thread alone. Without it the work is the same, only less polite.
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), lowest_priority);
    std::unique_lock lock(mutex_);
    while (!is_stopping_) {
        changed_.wait(lock, [this] { return is_stopping_ || last_ > done_; });
        if (is_stopping_) return;
        const Cursor after = done_;
        const Cursor last = last_;
        const auto next_round = std::chrono::steady_clock::now() + options_.round;
        lock.unlock();
        check(after, last);
        lock.lock();
        done_ = last;
        changed_.wait_for(lock, grace, [this] { return is_stopping_ || results_.empty(); });
        lock.unlock();
        write_results();
        lock.lock();
        changed_.wait_until(lock, next_round, [this] { return is_stopping_.load(); });
    }
}

void Recomputer::check(Cursor after, Cursor last) {
    const Sample sample =
        choose_sample(after, last, options_.sample_per_mille, options_.budget, random_);
    counters_.skipped += sample.skipped;
    for (const Cursor cursor : sample.chosen) {
        if (is_stopping_) return;
        const auto found = store_.finding_at(cursor);
        if (!found || !*found) {
            ++counters_.skipped; // a store that cannot be read says so elsewhere
            continue;
        }
        Recomputation recomputation = check_finding(**found, rules_, wall_now());
        count(recomputation);
        if (recomputation.result == rules::ClaimResult::mismatched)
            log_mismatch(**found, recomputation);
        const std::lock_guard guard(mutex_);
        results_.push_back({cursor, std::move(recomputation)});
    }
}

void Recomputer::count(const Recomputation& recomputation) {
    switch (recomputation.result) {
    case rules::ClaimResult::matched:
        ++counters_.matched;
        return;
    case rules::ClaimResult::mismatched:
        ++counters_.mismatched;
        return;
    case rules::ClaimResult::rules_missing:
        ++counters_.rules_missing;
        return;
    case rules::ClaimResult::newer_version:
        ++counters_.newer_version;
        return;
    case rules::ClaimResult::unreadable:
        ++counters_.unreadable;
        return;
    }
}

void Recomputer::log_mismatch(const StoredFinding& found, const Recomputation& recomputation) {
    if (!logged_.insert(found.agent).second) return;
    const rules::Difference& first = recomputation.differences.front();
    const std::string id = to_hex(as_bytes(found.finding.id()));
    // What an agent says of itself must not write lines of its own into the log.
    const auto shown = [](std::string_view text) {
        constexpr std::size_t longest = 200;
        return escape_for_terminal(to_valid_utf8(text.substr(0, longest)));
    };
    log::warn("finding {} of the agent {} ({}) is not what its own evidence gives: {} is \"{}\", "
              "made again it is \"{}\"; either the agent is broken or somebody changed it: see "
              "\"minewarden findings {} --verify\" and look at that host; \"minewarden keys "
              "revoke {}\" cuts it off (more of this agent are counted and not logged)",
              id, shown(found.agent_name), fingerprint(found.agent), shown(first.field),
              shown(first.said), shown(first.made), id.substr(0, 8), fingerprint(found.agent));
}

void Recomputer::write_results() {
    std::vector<RecomputedFinding> results;
    {
        const std::lock_guard guard(mutex_);
        results.swap(results_);
    }
    if (results.empty()) return;
    if (auto put = store_.put_recomputations(results); !put) {
        counters_.not_kept += results.size();
        log::debug("{} recomputed verdicts are not kept: {}", results.size(), put.error().message);
    }
}

} // namespace minewarden::collector
