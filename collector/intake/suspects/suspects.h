// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/intake/suspects/peer_address.h"
#include "common/keys/curve_key.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace minewarden::collector {

/// What an intake process leaves behind when it dies, in memory that its successor inherits. Plain
/// data: a torn or forged entry blames the wrong peer for some minutes, and nothing worse.
struct SuspectMemory {
    struct Peer {
        std::array<std::uint8_t, 16> address;
        std::array<std::uint8_t, 32> key;
        std::uint8_t has_key; ///< 1: it had authenticated, and is blamed by its key only
        bool operator==(const Peer&) const = default;
    };
    struct Act {
        std::int64_t at_ns; ///< steady clock; 0: empty
        Peer peer;
    };
    struct Strikes {
        Peer peer;
        std::array<std::int64_t, 3> at_ns; ///< the last ones, newest first
        std::int64_t last_try_ns;          ///< of an address that is held back
    };
    std::array<Act, 64> ends; ///< connections that their peer ended, a ring
    std::uint32_t next_end;   ///< place in `ends`
    Act reading;              ///< the message that is being read, if at_ns is set
    std::array<Strikes, 64> strikes;
};

/// Keeps out peers that repeatedly come with deaths of the intake process. A death is blamed on the
/// key whose message was being read; otherwise on whose connection had just been ended by its peer,
/// because libzmq can abort on that (zeromq/libzmq issue 4841). Honest agents rarely end a
/// connection, so three deaths within ten minutes do not meet them by chance.
///
/// An address is blamed only for connections without a key. It is held back and not shut out,
/// because honest agents may share it.
///
/// Any thread may call. Times are of the steady clock.
class Suspects {
  public:
    using Time = std::chrono::nanoseconds;

    /// `memory` outlives this object.
    explicit Suspects(SuspectMemory& memory) : memory_(memory) {}

    static constexpr Time window = std::chrono::seconds(1); ///< before a death
    static constexpr Time remembered = std::chrono::minutes(10);
    static constexpr Time between_tries = std::chrono::milliseconds(250);

    /// The intake before this one died at `died`. Returns who is kept out from now on.
    std::vector<SuspectMemory::Peer> learn(Time died);

    /// A peer ended its connection.
    void note_end(const PeerAddress& address, const std::optional<CurvePublicKey>& key, Time now);
    /// A message of `key` is being read, until the next call of either.
    void begin_reading(const CurvePublicKey& key, Time now);
    void end_reading();

    [[nodiscard]] bool is_kept_out(const CurvePublicKey& key, Time now) const;
    /// Whether the address may open a connection now. One that is held back may, four times a
    /// second.
    [[nodiscard]] bool may_try(const PeerAddress& address, Time now);

  private:
    [[nodiscard]] static bool is_out(const SuspectMemory::Strikes& strikes, Time now);
    void strike(const SuspectMemory::Peer& peer, Time died,
                std::vector<SuspectMemory::Peer>& kept_out);

    SuspectMemory& memory_;
    mutable std::mutex mutex_;
};

} // namespace minewarden::collector
