// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/suspects/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace minewarden::collector {
namespace {

/// RFC 4291, section 2.5.5.2.
constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

} // namespace

PeerAddress PeerAddress::of(const sockaddr_storage& peer) {
    PeerAddress address;
    if (peer.ss_family == AF_INET6) {
        sockaddr_in6 six{};
        std::memcpy(&six, &peer, sizeof six);
        std::memcpy(address.bytes.data(), &six.sin6_addr, address.bytes.size());
    } else if (peer.ss_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, &peer, sizeof four);
        std::ranges::copy(mapped, address.bytes.begin());
        std::memcpy(address.bytes.data() + mapped.size(), &four.sin_addr, sizeof four.sin_addr);
    }
    return address;
}

std::string PeerAddress::text() const {
    if (*this == PeerAddress{}) return "this host";
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool is_four = std::equal(mapped.begin(), mapped.end(), bytes.begin());
    ::inet_ntop(is_four ? AF_INET : AF_INET6, bytes.data() + (is_four ? mapped.size() : 0),
                text.data(), text.size());
    return text.data();
}

} // namespace minewarden::collector
