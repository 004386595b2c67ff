// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/keys/curve_key.h"

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>

namespace minewarden::collector {

/// A connection of an agent. Batches are accepted only after Hello: a broken connection loses
/// messages, so the next one may continue with a gap. The answer to Hello tells the agent where to
/// continue.
struct Connection {
    std::string routing_id;
    StreamId stream;
    bool has_greeted = false;
    bool was_refused = false; ///< since the last Hello
};

/// The connections of each agent. libzmq does not report when one ends, so only the newest few are
/// kept: enough for hosts that were cloned with their key.
class Connections {
  public:
    static constexpr std::size_t per_agent = 8;

    /// The state of a connection; creates it if unknown. The reference is valid until the next
    /// call.
    Connection& of(const CurvePublicKey& agent, std::string_view routing_id);
    /// The number of agents with a connection.
    [[nodiscard]] std::size_t agents() const { return agents_.size(); }

  private:
    std::map<CurvePublicKey, std::list<Connection>> agents_; ///< most recently used first
};

} // namespace minewarden::collector
