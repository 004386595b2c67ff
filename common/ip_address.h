// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden {

/// An IPv6 address in network order; IPv4 is kept mapped (::ffff:a.b.c.d, RFC 4291 2.5.5.2).
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const IpAddress&) const = default;

    /// From 16 bytes in network order (IPv4 mapped), as in kernel events.
    [[nodiscard]] static IpAddress from_bytes(const std::uint8_t (&source)[16]);
    [[nodiscard]] bool is_ipv4() const;
    [[nodiscard]] bool is_loopback() const;
};

/// RFC 5952 for IPv6, dotted for IPv4.
[[nodiscard]] std::string to_string(const IpAddress& address);
/// Parses an address of either family; does not resolve names.
[[nodiscard]] std::optional<IpAddress> parse_ip_address(std::string_view text);

/// A range of addresses: 10.0.0.0/8, 2001:db8::/32. A bare address is a range of one.
struct IpNetwork {
    IpAddress address;     ///< bits past the prefix are zero
    unsigned prefix = 128; ///< length in the 128-bit form
    [[nodiscard]] bool contains(const IpAddress& candidate) const;
    bool operator==(const IpNetwork&) const = default;
};

[[nodiscard]] std::optional<IpNetwork> parse_ip_network(std::string_view text);

} // namespace minewarden
