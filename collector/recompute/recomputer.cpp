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
/// How long results wait for a commit, whose thread writes them.
constexpr std::chrono::milliseconds grace{100};

std::uint64_t random_seed() {
    std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
    fill_random(bytes);
    std::uint64_t seed = 0;
    for (const std::uint8_t byte : bytes) seed = seed << 8 | byte;
    return seed;
}

} // namespace

Recomputer::Recomputer(Store& store, RecomputeCounters& counters, RecomputeOptions options)
    : store_(store),
      counters_(counters),
      options_(options),
      rules_(store),
      random_(random_seed()),
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
        is_waiting = finished_.has_value();
    }
    if (is_waiting) write_results();
    changed_.notify_all();
}

bool Recomputer::has_news() const {
    return is_stopping_ || finished_ || !knows_position_ || last_ > position_.value_or(Cursor());
}

void Recomputer::run() {
    ::pthread_setname_np(::pthread_self(), "recompute");
    // On Linux for this thread only. The work does not depend on success.
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), lowest_priority);
    while (!is_stopping_) {
        const auto next_round = std::chrono::steady_clock::now() + options_.round;
        do_round();
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, next_round, [this] { return is_stopping_.load(); });
        changed_.wait(lock, [this] { return has_news(); });
    }
}

void Recomputer::do_round() {
    std::unique_lock lock(mutex_);
    if (!finished_) {
        const bool knows_position = knows_position_;
        std::optional<Cursor> position = position_;
        lock.unlock();
        if (!knows_position) {
            const auto stored = store_.follower_position(follower_name);
            if (!stored) return; // the store is not available, which is logged elsewhere
            position = *stored;
        }
        auto work = check(position);
        lock.lock();
        knows_position_ = true;
        position_ = position;
        finished_ = std::move(work);
    }
    // The committing thread writes them if there is a commit.
    changed_.wait_for(lock, grace, [this] { return is_stopping_ || !finished_; });
    lock.unlock();
    write_results();
}

std::optional<Recomputer::Work> Recomputer::check(std::optional<Cursor> from) {
    const auto sample = store_.sample(from.value_or(Cursor()), options_.sample, random_);
    if (!sample || sample->last == from.value_or(Cursor())) return std::nullopt;
    counters_.skipped += sample->skipped;
    Work work{from, sample->last, {}};
    for (const Cursor cursor : sample->chosen) {
        if (is_stopping_) {
            // The next start continues after the completed part.
            if (work.results.empty()) return std::nullopt;
            work.to = work.results.back().cursor;
            return work;
        }
        const auto found = store_.finding_at(cursor);
        if (!found || !*found) {
            ++counters_.skipped; // deleted, or the store cannot be read
            continue;
        }
        Recomputation recomputation = check_finding(**found, rules_, wall_now());
        count(recomputation);
        if (recomputation.result == rules::ClaimResult::mismatched)
            log_mismatch(**found, recomputation);
        work.results.push_back({cursor, std::move(recomputation)});
    }
    return work;
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
    // Text from an agent must not add lines to the log.
    const auto shown = [](std::string_view text) {
        constexpr std::size_t longest = 200;
        return escape_for_terminal(to_valid_utf8(text.substr(0, longest)));
    };
    log::warn("finding {} of the agent {} ({}) does not follow from its evidence: {} is \"{}\", "
              "recomputed \"{}\"; the agent is faulty or was tampered with: run \"minewarden "
              "findings {} --verify\" and check that host; \"minewarden keys revoke {}\" "
              "disconnects it (more mismatches of this agent are counted, not logged)",
              id, shown(found.agent_name), fingerprint(found.agent), shown(first.field),
              shown(first.reported), shown(first.recomputed), id.substr(0, 8),
              fingerprint(found.agent));
}

void Recomputer::write_results() {
    const std::lock_guard writing(writing_);
    std::optional<Work> work;
    {
        const std::lock_guard guard(mutex_);
        work = finished_;
    }
    if (!work) return;
    const auto written = write(*work);
    const std::lock_guard guard(mutex_);
    if (!written) {
        log::debug("{} recomputed verdicts are not stored yet: {}", work->results.size(),
                   written.error().message);
        return;
    }
    // If another collector did this range, reads its position again.
    knows_position_ = *written;
    position_ = work->to;
    finished_.reset();
    changed_.notify_all();
}

Result<bool> Recomputer::write(const Work& work) {
    TRY_ASSIGN(const auto unit, store_.begin());
    TRY_ASSIGN(const auto is_ours, unit->advance(follower_name, work.from, work.to));
    if (!is_ours) return false;
    TRY(unit->put(work.results));
    TRY(unit->commit());
    return true;
}

} // namespace minewarden::collector
