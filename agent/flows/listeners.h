// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/ip_address.h"
#include "kernel/subject_abi.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

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

    void add(const ListeningPlace& place, const abi::subject_id& subject);
    void remove(const ListeningPlace& place);
    /// Whose listener got a connection to that local address: of those that fit the one that the
    /// kernel would choose, its own address before a wildcard, and IPv4's wildcard before that of
    /// both families (__inet_lookup_listener and compute_score in net/ipv4/inet_hashtables.c, Linux
    /// 6.1).
    [[nodiscard]] std::optional<abi::subject_id> find(const ListeningPlace& local) const;

  private:
    std::map<ListeningPlace, abi::subject_id> listeners_;
};

} // namespace minewarden::agent
