// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/mining_message.h"

namespace minewarden::rules {

/// Adds to a recognised message which request it is, or which one it answers: the hash of its
/// JSON-RPC id, and what it replies. A line that was recognised as nothing else becomes a message
/// "answer" if it is a reply of any kind: JSON-RPC, Beam's, Iron Fish's, or of miners in browsers.
/// Whether it answers a miner is for the reader of both directions to say.
[[nodiscard]] std::optional<MiningMessage> with_reply(const JsonLine& line,
                                                      std::optional<MiningMessage> recognised);

} // namespace minewarden::rules
