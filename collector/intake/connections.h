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

/// One connection of an agent. Only after a Hello are its batches taken: when a connection breaks,
/// messages that were on their way are lost, so what comes over the next one may not follow on what
/// came over the last. The answer to Hello tells the agent where to go on.
struct Connection {
    std::string routing_id;
    StreamId stream;
    bool has_greeted = false;
    bool was_refused = false; ///< since the last Hello
};

/// The connections of each agent. libzmq does not tell when one ends, so that only the newest few
/// are kept: as many as hosts that were cloned with their key may need.
class Connections {
  public:
    static constexpr std::size_t per_agent = 8;

    /// The state of a connection, new if it is not known. The reference holds until the next call.
    Connection& of(const CurvePublicKey& agent, std::string_view routing_id);
    /// Agents with a connection.
    [[nodiscard]] std::size_t agents() const { return agents_.size(); }

  private:
    std::map<CurvePublicKey, std::list<Connection>> agents_; ///< most recently used first
};

} // namespace minewarden::collector
