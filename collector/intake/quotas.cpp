// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/quotas.h"

#include <algorithm>
#include <utility>

namespace minewarden::collector {
namespace {

constexpr std::int64_t token = 1000;
/// How much of its rate a key can save.
constexpr std::chrono::minutes records_saved{10};
constexpr std::chrono::hours streams_saved{1};
/// What a key begins with after a restart, of what it could have saved: a tenth.
constexpr std::int64_t after_restart = 10;
/// A stream of before that is greeted again is no new one.
constexpr std::size_t known_streams = 16;

using Duration = Quotas::Duration;

std::int64_t full(std::uint64_t rate, Duration span, Duration saved) {
    return static_cast<std::int64_t>(rate) * token * (saved / span);
}

/// What `rate` per `span` gives in `passed`.
std::int64_t earned(std::uint64_t rate, Duration span, Duration passed) {
    const double share =
        std::chrono::duration<double>(passed) / std::chrono::duration<double>(span);
    return static_cast<std::int64_t>(static_cast<double>(rate) * token * share);
}

} // namespace

Quotas::Key& Quotas::of(const CurvePublicKey& id, Duration now) {
    const std::int64_t most_records =
        full(limits_.records_per_minute, std::chrono::minutes(1), records_saved);
    const std::int64_t most_streams =
        full(limits_.new_streams_per_hour, std::chrono::hours(1), streams_saved);
    const auto [found, is_new] = keys_.try_emplace(id);
    Key& key = found->second;
    if (is_new) {
        const std::int64_t part = is_restart_ ? after_restart : 1;
        key.records = {std::max(token, most_records / part), now};
        key.streams = {std::max(token, most_streams / part), now};
        key.refused = now;
        return key;
    }
    const auto fill = [now](Bucket& bucket, std::uint64_t rate, Duration span, std::int64_t most) {
        const std::int64_t more = earned(rate, span, now - bucket.filled);
        if (more == 0) return; // too short a time for a whole token: it goes on
        bucket.tokens = std::min(most, bucket.tokens + more);
        bucket.filled = now;
    };
    fill(key.records, limits_.records_per_minute, std::chrono::minutes(1), most_records);
    fill(key.streams, limits_.new_streams_per_hour, std::chrono::hours(1), most_streams);
    return key;
}

bool Quotas::admits(const CurvePublicKey& id, Duration now) {
    if (limits_.records_per_minute == 0) return true;
    Key& key = of(id, now);
    if (key.records.tokens >= token) return true;
    key.refused = now;
    key.was_refused = true;
    return false;
}

void Quotas::count(const CurvePublicKey& id, std::size_t bytes, std::size_t records, Duration now) {
    if (limits_.records_per_minute == 0) return;
    const std::size_t units = std::max(records, 1 + bytes / unit_bytes);
    of(id, now).records.tokens -= static_cast<std::int64_t>(units) * token;
}

bool Quotas::admits_stream(const CurvePublicKey& id, const StreamId& stream, Duration now) {
    if (limits_.new_streams_per_hour == 0) return true;
    Key& key = of(id, now);
    if (const auto known = std::ranges::find(key.known, stream); known != key.known.end()) {
        key.known.splice(key.known.begin(), key.known, known);
        return true;
    }
    if (key.streams.tokens < token) {
        key.refused = now;
        key.was_refused = true;
        return false;
    }
    key.streams.tokens -= token;
    key.known.push_front(stream);
    if (key.known.size() > known_streams) key.known.pop_back();
    return true;
}

Quotas::Changes Quotas::review(Duration now) {
    Changes changes;
    for (auto& [id, key] : keys_) {
        if (std::exchange(key.was_refused, false)) {
            if (std::exchange(key.is_over, true) != true) changes.over.push_back(id);
        } else if (key.is_over != false && now - key.refused >= calm) {
            key.is_over = false;
            changes.within.push_back(id);
        }
    }
    return changes;
}

} // namespace minewarden::collector
