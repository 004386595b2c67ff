// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/net/loopback_address.h"

#include "common/text.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace minewarden::lab {
namespace {

// Convert between sockaddr types with memcpy, because casts would violate aliasing rules.
template <class Address>
Address read_as(const sockaddr_storage& storage) {
    Address address{};
    std::memcpy(&address, &storage, sizeof address);
    return address;
}

bool is_loopback(const sockaddr_storage& storage) {
    if (storage.ss_family == AF_INET) {
        const auto address = read_as<sockaddr_in>(storage);
        return (ntohl(address.sin_addr.s_addr) >> 24) == 127;
    }
    if (storage.ss_family == AF_INET6) {
        const auto address = read_as<sockaddr_in6>(storage);
        return IN6_IS_ADDR_LOOPBACK(&address.sin6_addr);
    }
    return false;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

Failure<Error> refuse(std::string_view text, std::string_view why) {
    return fail(ErrorKind::usage, fmt::format("\"{}\" is refused: {}",
                                              escape_for_terminal(to_valid_utf8(text)), why));
}

} // namespace

Result<LoopbackAddress> LoopbackAddress::parse(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto port =
        colon == std::string_view::npos ? std::nullopt : parse_port(text.substr(colon + 1));
    if (!port) return refuse(text, "expected ADDRESS:PORT, such as 127.0.0.1:3333 or [::1]:3333");

    std::string host(text.substr(0, colon));
    LoopbackAddress result;
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(*port);
        if (::inet_pton(AF_INET6, host.c_str(), &address.sin6_addr) != 1)
            return refuse(text, "this is not an IPv6 address");
        std::memcpy(&result.storage_, &address, sizeof address);
        result.size_ = sizeof address;
    } else {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(*port);
        if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
            return refuse(text, "names are not looked up; use 127.0.0.1 or [::1]");
        std::memcpy(&result.storage_, &address, sizeof address);
        result.size_ = sizeof address;
    }
    if (!is_loopback(result.storage_))
        return refuse(text, "minewarden-lab talks to this host only (127.0.0.0/8 and ::1)");
    return result;
}

Result<LoopbackAddress> LoopbackAddress::from_kernel(int status, const sockaddr_storage& storage,
                                                     socklen_t size) {
    if (status != 0)
        return fail(system_error(ErrorKind::unavailable, "cannot read a socket's address", errno));
    if (!is_loopback(storage))
        return fail(ErrorKind::internal, "a socket is not on the loopback address");
    LoopbackAddress result;
    result.storage_ = storage;
    result.size_ = size;
    return result;
}

Result<LoopbackAddress> LoopbackAddress::of_socket(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    const int status = ::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size);
    return from_kernel(status, storage, size);
}

Result<LoopbackAddress> LoopbackAddress::of_peer(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    const int status = ::getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &size);
    return from_kernel(status, storage, size);
}

std::uint16_t LoopbackAddress::port() const {
    if (family() == AF_INET6) return ntohs(read_as<sockaddr_in6>(storage_).sin6_port);
    return ntohs(read_as<sockaddr_in>(storage_).sin_port);
}

std::string LoopbackAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> host{};
    if (family() == AF_INET6) {
        const auto address = read_as<sockaddr_in6>(storage_);
        ::inet_ntop(AF_INET6, &address.sin6_addr, host.data(), host.size());
        return fmt::format("[{}]:{}", host.data(), port());
    }
    const auto address = read_as<sockaddr_in>(storage_);
    ::inet_ntop(AF_INET, &address.sin_addr, host.data(), host.size());
    return fmt::format("{}:{}", host.data(), port());
}

} // namespace minewarden::lab
