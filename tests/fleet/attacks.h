// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/fleet/honest_agent.h"

#include <functional>
#include <optional>

namespace minewarden::fleet {

/// Attacks a collector until `deadline`. Returns how often.
using Attack = std::function<std::uint64_t(const Target&, const CurveKeyPair&,
                                           std::chrono::steady_clock::time_point deadline)>;

/// By name:
/// - hellos: a valid key sends Hellos, never reads, and disconnects
/// - resets: a valid key sends a Hello and ends the connection with a reset
/// - handshakes: connections without a key, each broken off in the middle of the handshake
/// - idle: 1,400 connections that never say anything
/// - large: 120 connections of a valid key that send messages of 3 MiB and never read
[[nodiscard]] std::optional<Attack> attack_of(std::string_view name);

} // namespace minewarden::fleet
