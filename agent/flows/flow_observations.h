// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "common/ip_address.h"
#include "kernel/subject_abi.h"
#include "rules/observation/observation.h"
#include "rules/recognise/payload.h"

#include <list>
#include <map>
#include <tuple>

namespace minewarden::agent {

/// A node.handshake of the process at this end of the connection.
[[nodiscard]] rules::Observation handshake_observation(std::uint64_t flow_id,
                                                       const IpAddress& remote_address,
                                                       std::uint16_t remote_port,
                                                       const rules::NodeHandshake& handshake,
                                                       rules::Direction direction, BootTime time);

/// Counts how often a process asks an address for work, on whatever connections: one call may be
/// monitoring, calls without end are a miner's. A pause of ten minutes begins anew. Remembers the
/// last `maximum` pairs.
class WorkRequests {
  public:
    explicit WorkRequests(std::size_t maximum = 4096) : maximum_(maximum) {}

    /// Counts one request and returns how many there were.
    std::int64_t count(const abi::subject_id& process, const IpAddress& address, BootTime time);

    [[nodiscard]] std::size_t size() const { return counts_.size(); }

  private:
    /// pid, start, address: an exec in between changes nothing in who asks.
    using Key = std::tuple<std::uint32_t, std::uint64_t, IpAddress>;
    struct Count {
        std::int64_t requests = 0;
        BootTime last;
        std::list<Key>::iterator place; ///< in order_
    };

    std::size_t maximum_;
    std::map<Key, Count> counts_;
    std::list<Key> order_; ///< least recently counted first
};

} // namespace minewarden::agent
