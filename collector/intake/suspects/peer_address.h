// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace minewarden::collector {

/// Where a connection comes from: an IPv6 address, an IPv4 address in its mapped form, or zeros for
/// a Unix socket.
struct PeerAddress {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const PeerAddress&) const = default;

    static PeerAddress of(const sockaddr_storage& peer);
    /// "192.0.2.7", "2001:db8::7" or "this host".
    [[nodiscard]] std::string text() const;
};

} // namespace minewarden::collector
