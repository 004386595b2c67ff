// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/payload.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace minewarden::agent {

/// The role of the process at this end of a connection.
enum class MiningRole : std::uint8_t {
    client, ///< a miner
    server, ///< a pool or a node
    other   ///< passes on what others said: a log, a copy, an echo
};

[[nodiscard]] constexpr std::string_view to_string(MiningRole role) {
    if (role == MiningRole::client) return "client";
    return role == MiningRole::server ? "server" : "other";
}

/// Which part each end of a connection speaks: the miner's or the pool's. An end that speaks both,
/// to a peer that speaks neither, only tells of mining; so does its peer. If both ends speak the
/// same part, one of them repeats the other.
class SpokenParts {
  public:
    void add(rules::Direction direction, rules::MiningSide side) {
        parts_[static_cast<std::size_t>(direction)] |=
            side == rules::MiningSide::client ? miners : pools;
    }

    /// REQUIRES: add() was called. The peer's part decides first, so that a miner cannot hide a
    /// session with a pool by sending a few messages of the pool's part.
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
