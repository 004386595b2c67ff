// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/dns/name_cache.h"
#include "agent/flows/flow_table.h"

namespace minewarden::agent {

/// Joins outbound connections with what name servers said of their addresses, and remembers the
/// joined ones while they are open.
class Destinations {
  public:
    static constexpr std::size_t connections_maximum = 4096;

    /// `cache` outlives this.
    explicit Destinations(NameCache& cache) : cache_(cache), connections_(connections_maximum) {}

    /// A flow.destination observation if the address is that of a listed name.
    std::vector<FlowObservation> on_open(const abi::flow_event& event);
    void on_close(const abi::flow_event& event);

    /// The same again for each joined connection that is still open, so that what it says does not
    /// age while it goes on. `owner_of` tells whose it is by now, if that is known to have changed;
    /// one that nobody is known to hold (pid 0) is left out.
    using OwnerOf = std::function<std::optional<abi::subject_id>(std::uint64_t flow_id)>;
    [[nodiscard]] std::vector<FlowObservation> open_connections(BootTime now,
                                                                const OwnerOf& owner_of);

    /// Connections to resolvers asked in encrypted form: names that were not seen.
    [[nodiscard]] std::uint64_t encrypted_resolvers() const { return encrypted_resolvers_; }

    /// Joined connections forgotten because there were too many at once.
    [[nodiscard]] std::uint64_t forgotten() const { return connections_.forgotten(); }
    /// The connection ended and nobody told.
    void forget(std::uint64_t flow_id) { connections_.erase(flow_id); }
    [[nodiscard]] bool knows(std::uint64_t flow_id) const { return connections_.contains(flow_id); }
    [[nodiscard]] bool has_open() const { return connections_.size() > 0; }

  private:
    struct Connection {
        abi::subject_id owner{};
        IpAddress address;
        std::uint16_t port = 0;
        KnownDestination known;
    };
    static FlowObservation observe(std::uint64_t flow_id, const Connection& connection,
                                   BootTime time);

    NameCache& cache_;
    BoundedMap<std::uint64_t, Connection> connections_; ///< by flow id
    std::uint64_t encrypted_resolvers_ = 0;
};

} // namespace minewarden::agent
