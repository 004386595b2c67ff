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

/// Who listens on TCP ports of all network namespaces. Where several listen at one place
/// (SO_REUSEPORT, which the kernel gives to one user only), one of them.
class Listeners {
  public:
    /// Places beyond this many are not remembered: their accepted connections are then attributed
    /// only while somebody holds them.
    static constexpr std::size_t maximum = 65536;

    struct Listener {
        abi::subject_id subject;
        std::uint64_t cookie = 0; ///< of the socket; 0 if it was never asked for
        BootTime since;           ///< when that was known
    };

    void add(const ListeningPlace& place, const Listener& listener);
    /// That socket does not listen any more. The kernel takes a port that it chose itself from a
    /// socket before it says so (port 0), so the cookie tells which place it was.
    void remove(const ListeningPlace& place, std::uint64_t cookie);
    /// All sockets were looked at since `asked`, and these listen: all others have ended.
    void keep_only(const std::set<ListeningPlace>& seen, BootTime asked);
    /// Places that were not remembered for want of room.
    [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }
    [[nodiscard]] std::size_t size() const { return listeners_.size(); }
    /// Whose listener got a connection to that local address: of those that fit the one that the
    /// kernel would choose, its own address before a wildcard, and IPv4's wildcard before that of
    /// both families (__inet_lookup_listener and compute_score in net/ipv4/inet_hashtables.c, Linux
    /// 6.1).
    [[nodiscard]] std::optional<abi::subject_id> find(const ListeningPlace& local) const;

  private:
    void erase(std::map<ListeningPlace, Listener>::iterator listener);

    std::map<ListeningPlace, Listener> listeners_;
    std::unordered_map<std::uint64_t, ListeningPlace> places_; ///< by cookie
    std::uint64_t forgotten_ = 0;
};

} // namespace minewarden::agent
