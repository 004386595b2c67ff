// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/payload.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace minewarden::agent {

/// What a process is on a connection, by who spoke which part.
enum class MiningRole : std::uint8_t {
    client, ///< a miner
    server, ///< a pool or a node
    other   ///< it passes on what others said: a log, a copy, an echo
};

[[nodiscard]] constexpr std::string_view to_string(MiningRole role) {
    if (role == MiningRole::client) return "client";
    return role == MiningRole::server ? "server" : "other";
}

/// Miners and pools each speak their own part. Whoever speaks both, to a peer that speaks neither,
/// tells of mining and does not mine; and whoever listens to both; and where both ends speak the
/// same part, one of them repeats the other.
class SpokenParts {
  public:
    void add(rules::Direction direction, rules::StratumSide side) {
        parts_[static_cast<std::size_t>(direction)] |=
            side == rules::StratumSide::client ? miners : pools;
    }

    /// REQUIRES: one was added. The peer decides first, so that nobody hides a session with a pool
    /// by a few words of the other part.
    [[nodiscard]] MiningRole role() const {
        const auto [sent, received] = parts_;
        if (received == pools && sent != pools) return MiningRole::client;
        if (received == miners && sent != miners) return MiningRole::server;
        if (received == 0 || received == (miners | pools)) {
            if (sent == miners) return MiningRole::client;
            if (sent == pools) return MiningRole::server;
        }
        return MiningRole::other;
    }

  private:
    static constexpr std::uint8_t miners = 1;
    static constexpr std::uint8_t pools = 2;
    std::array<std::uint8_t, 2> parts_{}; ///< by rules::Direction
};

} // namespace minewarden::agent
