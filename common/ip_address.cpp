// SPDX-License-Identifier: Apache-2.0
#include "common/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace minewarden {
namespace {

constexpr unsigned mapped_prefix = 96;
constexpr std::array<std::uint8_t, 12> mapped_head{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

} // namespace

IpAddress IpAddress::from_bytes(const std::uint8_t (&source)[16]) {
    IpAddress address;
    std::ranges::copy(source, address.bytes.begin());
    return address;
}

bool IpAddress::is_ipv4() const {
    return std::equal(mapped_head.begin(), mapped_head.end(), bytes.begin());
}

bool IpAddress::is_loopback() const {
    if (is_ipv4()) return bytes[12] == 127;
    return std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t b) { return b == 0; }) &&
           bytes[15] == 1;
}

std::string to_string(const IpAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.is_ipv4())
        ::inet_ntop(AF_INET, address.bytes.data() + mapped_head.size(), text.data(), text.size());
    else
        ::inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
    return text.data();
}

std::optional<IpAddress> parse_ip_address(std::string_view text) {
    if (text.find('\0') != std::string_view::npos)
        return std::nullopt; // inet_pton would stop at a NUL
    const std::string literal(text);
    IpAddress address;
    std::ranges::copy(mapped_head, address.bytes.begin());
    if (::inet_pton(AF_INET, literal.c_str(), address.bytes.data() + mapped_head.size()) == 1)
        return address;
    if (::inet_pton(AF_INET6, literal.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

bool IpNetwork::contains(const IpAddress& candidate) const {
    for (unsigned bit = 0; bit < prefix; bit += 8) {
        const unsigned bits = std::min(8u, prefix - bit);
        const auto mask = static_cast<std::uint8_t>(0xff00u >> bits);
        if ((candidate.bytes[bit / 8] & mask) != (address.bytes[bit / 8] & mask)) return false;
    }
    return true;
}

std::optional<IpNetwork> parse_ip_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = parse_ip_address(text.substr(0, slash));
    if (!address) return std::nullopt;
    IpNetwork network{*address, 128};
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        unsigned prefix = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        const bool is_dotted = text.find(':') == std::string_view::npos;
        const unsigned maximum = is_dotted ? 32 : 128;
        if (error != std::errc{} || end != digits.data() + digits.size() || prefix > maximum)
            return std::nullopt;
        network.prefix = is_dotted ? prefix + mapped_prefix : prefix;
    }
    for (unsigned bit = network.prefix; bit < 128; ++bit)
        network.address.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> (bit % 8)));
    return network;
}

} // namespace minewarden
