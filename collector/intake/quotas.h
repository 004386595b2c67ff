// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/keys/curve_key.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <vector>

namespace minewarden::collector {

/// What one key may send. 0: without a limit.
struct QuotaLimits {
    /// Messages and records; one counts once for each begun 4 KiB.
    std::uint64_t records_per_minute = 0;
    std::uint64_t new_streams_per_hour = 0;
};

/// Counts what each key sends, by token buckets. A key that was quiet may send the records of ten
/// minutes, or the streams of one hour, at once: an agent that was cut off for long has its outbox
/// to send. What is over the quota is refused, not lost: an agent keeps what is not acknowledged.
///
/// Times are of one steady clock of the caller's. One thread.
class Quotas {
  public:
    using Duration = std::chrono::steady_clock::duration;

    /// `is_restart`: an intake before this one died, and what its keys had used is not known. They
    /// begin with a tenth of what a key can save, so that a death gives them little.
    explicit Quotas(QuotaLimits limits, bool is_restart = false)
        : limits_(limits), is_restart_(is_restart) {}

    /// Whether the key may send now. Ask before a message is parsed.
    bool admits(const CurvePublicKey& id, Duration now);
    /// Counts a message of `bytes` with `records`. It may use more than is left.
    void count(const CurvePublicKey& id, std::size_t bytes, std::size_t records, Duration now);
    /// Counts a stream, unless it is one of the last few of its key. False: it is over the quota.
    bool admits_stream(const CurvePublicKey& id, const StreamId& stream, Duration now);

    /// Keys that exceeded their quota since the last call, and keys that have kept it for `calm`.
    /// Reports a new key as well, because it may have been over its quota when the collector ended.
    struct Changes {
        std::vector<CurvePublicKey> over;
        std::vector<CurvePublicKey> within;
    };
    Changes review(Duration now);

    /// How long a key must keep its quota before it is no longer reported as over it.
    static constexpr std::chrono::minutes calm{5};
    static constexpr std::size_t unit_bytes = 4096;

  private:
    /// Tokens are thousandths of a record or of a stream.
    struct Bucket {
        std::int64_t tokens = 0;
        Duration filled{};
    };
    struct Key {
        Bucket records;
        Bucket streams;
        std::list<StreamId> known;        ///< most recently used first
        Duration refused{};               ///< last time, or when the key was new
        bool was_refused = false;         ///< since the last review
        std::optional<bool> is_over = {}; ///< as review() reported; nullopt: not reported yet
    };
    Key& of(const CurvePublicKey& id, Duration now);

    QuotaLimits limits_;
    bool is_restart_;
    std::map<CurvePublicKey, Key> keys_;
};

} // namespace minewarden::collector
