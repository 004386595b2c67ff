// SPDX-License-Identifier: Apache-2.0
#include "collector/supervise/listening_sockets.h"

#include "collector/intake/listener.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

namespace minewarden::collector {
namespace {

using namespace std::chrono_literals;

constexpr int queue = 1024;
constexpr auto patience = 3s;
constexpr auto between_tries = 50ms;
constexpr std::string_view tcp = "tcp://";
constexpr std::string_view ipc = "ipc://";

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

/// REQUIRES: the endpoint was parsed.
Address address_of(const Endpoint& endpoint) {
    Address address;
    if (endpoint.text.starts_with(ipc)) {
        sockaddr_un local{};
        local.sun_family = AF_UNIX;
        endpoint.text.copy(local.sun_path, sizeof local.sun_path - 1, ipc.size());
        std::memcpy(&address.storage, &local, sizeof local);
        address.size = sizeof local;
        return address;
    }
    const std::string text = endpoint.text.substr(tcp.size());
    const std::size_t colon = text.rfind(':');
    std::uint16_t port = 0; // "*" stays 0
    std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    std::string host = text.substr(0, colon);
    if (!endpoint.is_ipv6) {
        sockaddr_in four{};
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        ::inet_pton(AF_INET, host.c_str(), &four.sin_addr);
        std::memcpy(&address.storage, &four, sizeof four);
        address.size = sizeof four;
        return address;
    }
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    six.sin6_addr = in6addr_any; // "*"
    if (host.front() == '[')
        ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six.sin6_addr);
    std::memcpy(&address.storage, &six, sizeof six);
    address.size = sizeof six;
    return address;
}

/// The endpoint with the port that the kernel chose.
std::string bound_endpoint(const Endpoint& endpoint, int socket) {
    if (endpoint.text.starts_with(ipc)) return endpoint.text;
    sockaddr_in6 bound{}; // its port is where that of sockaddr_in is
    socklen_t size = sizeof bound;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
    const std::size_t colon = endpoint.text.rfind(':');
    std::string host = endpoint.text.substr(0, colon);
    if (host == "tcp://*") host = endpoint.is_ipv6 ? "tcp://[::]" : "tcp://0.0.0.0";
    return fmt::format("{}:{}", host, ntohs(bound.sin6_port));
}

Result<ListeningSocket> listen_on(Endpoint endpoint) {
    const bool is_any = endpoint.text.starts_with("tcp://*:");
    const auto failed = [&](std::string_view what, int error) {
        return fail(system_error(ErrorKind::config,
                                 fmt::format("cannot {} on {}", what, endpoint.text), error));
    };
    Address address = address_of(endpoint);
    Fd socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket && errno == EAFNOSUPPORT && is_any) {
        // Every address of a host without IPv6.
        endpoint.is_ipv6 = false;
        endpoint.text.replace(0, std::string_view("tcp://*").size(), "tcp://0.0.0.0");
        address = address_of(endpoint);
        socket.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    }
    if (!socket) return failed("listen", errno);
    const int on = 1;
    const int both = is_any ? 0 : 1; // "*" is IPv4 as well
    if (address.storage.ss_family == AF_UNIX) {
        const std::filesystem::path path = endpoint.text.substr(ipc.size());
        std::error_code ignored;
        if (std::filesystem::is_socket(path, ignored)) // of an earlier run
            std::filesystem::remove(path, ignored);
    } else {
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    if (address.storage.ss_family == AF_INET6)
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &both, sizeof both);
    const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    // Both report an address in use: another socket may have been bound and not listened yet.
    while (::bind(socket.get(), to, address.size) != 0) {
        if (errno != EADDRINUSE || std::chrono::steady_clock::now() > deadline)
            return failed("listen", errno);
        std::this_thread::sleep_for(between_tries);
    }
    if (::listen(socket.get(), queue) != 0) return failed("listen", errno);
    std::string bound = bound_endpoint(endpoint, socket.get());
    return ListeningSocket{std::move(socket), std::move(bound)};
}

} // namespace

Result<std::vector<ListeningSocket>> listen_on(const std::vector<std::string>& endpoints) {
    std::vector<ListeningSocket> sockets;
    for (const std::string& text : endpoints) {
        TRY_ASSIGN(auto endpoint, listening_endpoint(text));
        TRY_ASSIGN(auto socket, listen_on(std::move(endpoint)));
        sockets.push_back(std::move(socket));
    }
    return sockets;
}

} // namespace minewarden::collector
