// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/payload.h"
#include "tests/agent/sources/all_holders.h"
#include "tests/agent/sources/bpf_fixture.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <optional>

namespace minewarden::agent {

/// Shared by the flow tests: connections on loopback, and the events of the flow source.

/// A listening socket and a connection to it, on loopback.
struct Pair {
    Fd listener;
    Fd client;
    Fd server;
};

inline sockaddr_storage loopback(int family, std::uint16_t port, socklen_t& length) {
    sockaddr_storage storage{};
    if (family == AF_INET) {
        auto& address = reinterpret_cast<sockaddr_in&>(storage);
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        length = sizeof(address);
    } else {
        auto& address = reinterpret_cast<sockaddr_in6&>(storage);
        address.sin6_family = AF_INET6;
        address.sin6_addr = in6addr_loopback;
        address.sin6_port = htons(port);
        length = sizeof(address);
    }
    return storage;
}

inline std::uint16_t listen_on(Fd& listener, int family) {
    socklen_t length = 0;
    sockaddr_storage address = loopback(family, 0, length);
    listener = Fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener.get(), generic, length), 0) << errno;
    EXPECT_EQ(::listen(listener.get(), 4), 0);
    ::getsockname(listener.get(), generic, &length);
    return ntohs(family == AF_INET ? reinterpret_cast<sockaddr_in&>(address).sin_port
                                   : reinterpret_cast<sockaddr_in6&>(address).sin6_port);
}

inline Pair connect_pair(int family) {
    Pair pair;
    const std::uint16_t port = listen_on(pair.listener, family);
    socklen_t length = 0;
    const sockaddr_storage address = loopback(family, port, length);
    pair.client = Fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(pair.client.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
    pair.server = Fd(::accept4(pair.listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const int one = 1;
    for (const int fd : {pair.client.get(), pair.server.get()})
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return pair;
}

inline void send_all(const Fd& socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::send(socket.get(), bytes.data(), bytes.size(), 0);
        ASSERT_GT(put, 0);
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
}

inline void receive_all(const Fd& socket, std::size_t bytes) {
    std::array<char, 65536> chunk;
    while (bytes > 0) {
        const ssize_t got = ::recv(socket.get(), chunk.data(), std::min(chunk.size(), bytes), 0);
        ASSERT_GT(got, 0);
        bytes -= static_cast<std::size_t>(got);
    }
}

inline std::string pattern(std::size_t length) {
    std::string text;
    for (std::size_t i = 0; text.size() < length; ++i) text += std::to_string(i) + ",";
    text.resize(length);
    return text;
}

class FlowBpfTest : public BpfTest {
  protected:
    [[nodiscard]] bool shares_sources() const override { return true; }
    std::vector<abi::flow_event> mine(std::uint32_t type, pid_t pid = ::getpid()) const {
        auto all = events_of<abi::flow_event>(type);
        std::erase_if(
            all, [&](const auto& e) { return e.owner.pid != static_cast<std::uint32_t>(pid); });
        return all;
    }
    /// Openings without an owner on this port, or on any port.
    std::vector<abi::flow_event> unowned(std::optional<std::uint16_t> local_port = {}) const {
        auto all = mine(abi::EVENT_FLOW_OPEN, 0);
        std::erase_if(all,
                      [&](const auto& e) { return local_port && e.local_port != *local_port; });
        return all;
    }
    std::vector<abi::flow_event> accepted() const {
        const auto listening = mine(abi::EVENT_LISTEN_BEGIN);
        return listening.empty() ? std::vector<abi::flow_event>{}
                                 : unowned(listening.back().local_port);
    }
    std::vector<abi::flow_holder_record> holders_of(std::uint64_t flow) {
        auto all = all_holders(sources_->get<FlowHolderSource>());
        std::erase_if(all, [&](const auto& record) { return record.flow_id != flow; });
        return all;
    }
    /// What was captured of one direction of a flow, in stream order.
    std::string captured(std::uint64_t flow, abi::flow_direction direction) const {
        rules::StreamHead head;
        std::string bytes;
        for (const auto& raw : events_) {
            abi::flow_payload_event event;
            if (raw.size() < sizeof(event)) continue;
            std::memcpy(&event, raw.data(), sizeof(event));
            if (event.header.type != abi::EVENT_FLOW_PAYLOAD || event.flow_id != flow ||
                event.direction != direction)
                continue;
            EXPECT_LE(sizeof(event) + event.length, raw.size());
            bytes += head.add(event.offset, ByteView(raw).subspan(sizeof(event), event.length));
        }
        return bytes;
    }
};

/// Each test has its own capture budgets.
class FlowBudgetBpfTest : public FlowBpfTest {
    [[nodiscard]] bool shares_sources() const override { return false; }
};

inline std::uint16_t port_of(const Fd& socket) {
    sockaddr_storage storage{};
    socklen_t length = sizeof(storage);
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &length);
    return ntohs(storage.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(storage).sin_port
                                              : reinterpret_cast<sockaddr_in6&>(storage).sin6_port);
}

} // namespace minewarden::agent
