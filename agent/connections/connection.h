// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/dns/name_cache.h"
#include "agent/flows/flow.h"
#include "agent/flows/flow_traffic.h"
#include "agent/flows/mining_session.h"
#include "agent/flows/payload_reading.h"
#include "kernel/subject_abi.h"

#include <memory>
#include <optional>
#include <vector>

namespace minewarden::agent {

/// What is known of one open TCP connection.
struct Connection {
    Flow flow;
    bool open_seen = false;       ///< false: only its payload was seen yet
    bool payload_skipped = false; ///< the kernel does not capture its payload

    // Its owner.
    abi::subject_id owner{};                       ///< pid 0: not known
    std::optional<abi::subject_id> listener;       ///< the process that listened on its port
    std::optional<abi::subject_id> previous_owner; ///< until that process ended
    bool disputed = false;           ///< at the last search unrelated processes held it
    unsigned fruitless_searches = 0; ///< in a row, without a holder, while messages waited

    /// The listed name that its address belongs to, or nullptr.
    std::unique_ptr<KnownDestination> destination;
    MiningSession session;
    /// The program that last sent a message of the session: rules::ImageKey::image, which a fork
    /// keeps and an exec does not.
    std::optional<std::uint64_t> speaker;
    FlowTraffic traffic;
    /// Recognised before the opening was seen (payload on the SYN) or the owner was known.
    std::vector<RecognisedMessage> waiting;

    unsigned missing_looks = 0;  ///< looks at all connections in a row that did not show it
    std::uint64_t last_look = 0; ///< number of the last look that showed it

    /// Evidence depends on it: it is kept longer than others, and its owner is kept up to date.
    [[nodiscard]] bool matters() const { return session.has_begun() || destination != nullptr; }
};

} // namespace minewarden::agent
