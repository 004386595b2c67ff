// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"

#include <channel.pb.h>
#include <span>
#include <string>

namespace minewarden::collector {

/// The arrivals of one turn for the channel.
[[nodiscard]] std::string encode_turn(std::span<const Arrival> arrivals);

/// The arrivals of a received turn, checked as hostile input: a peer may have taken over the intake
/// process. They refer to `turn`. Names of agents are left empty: the intake does not decide them.
/// Errors (kind data) name the field that no working intake sends.
Result<std::vector<Arrival>> decode_turn(const channel::Turn& turn);

[[nodiscard]] channel::Outcome encode_outcome(const Outcome& outcome);
/// `arrivals`: the number of positions to expect. Cursor and counts of the outcome that only the
/// store's process uses are left out. Errors have kind data.
Result<Outcome> decode_outcome(const channel::Outcome& from, std::size_t arrivals);

} // namespace minewarden::collector
