// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "common/ip_address.h"
#include "kernel/subject_abi.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

namespace minewarden::agent {

/// Where a TCP socket listens. The address may be a wildcard: ::, or ::ffff:0.0.0.0.
struct ListeningPlace {
    std::uint32_t network_namespace = 0;
    std::uint16_t port = 0;
    IpAddress address;
    auto operator<=>(const ListeningPlace&) const = default;
};

/// The processes that listen on TCP ports, in all network namespaces. If several listen at one
/// place (SO_REUSEPORT, which the kernel grants to a single user), one of them.
class Listeners {
  public:
    /// Further places are not remembered. Connections accepted there are attributed only while a
    /// process holds them.
    static constexpr std::size_t maximum = 65536;

    struct Listener {
        abi::subject_id subject;
        std::uint64_t cookie = 0; ///< of the socket; 0 if it has none yet
        BootTime since;           ///< when that was known
    };

    void add(const ListeningPlace& place, const Listener& listener);
    /// The socket does not listen any more. The kernel frees a port that it chose itself before it
    /// reports that, so the port can be 0; the cookie identifies the place.
    void remove(const ListeningPlace& place, std::uint64_t cookie);
    /// A search that began at `asked` saw all sockets, and only these listen: the others have
    /// ended.
    void keep_only(const std::set<ListeningPlace>& seen, BootTime asked);
    /// Places that were not remembered because there were too many.
    [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }
    [[nodiscard]] std::size_t size() const { return listeners_.size(); }
    /// The process whose listener gets a connection to this local address. The kernel prefers the
    /// address itself to a wildcard, and the wildcard of IPv4 to that of both families
    /// (__inet_lookup_listener and compute_score in net/ipv4/inet_hashtables.c, Linux 6.1).
    [[nodiscard]] std::optional<abi::subject_id> find(const ListeningPlace& local) const;

  private:
    void erase(std::map<ListeningPlace, Listener>::iterator listener);

    std::map<ListeningPlace, Listener> listeners_;
    std::unordered_map<std::uint64_t, ListeningPlace> places_; ///< by cookie
    std::uint64_t forgotten_ = 0;
};

} // namespace minewarden::agent
