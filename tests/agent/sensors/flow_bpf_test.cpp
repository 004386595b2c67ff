// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/flow_table.h"
#include "tests/agent/sensors/bpf_fixture.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <fcntl.h>
#include <map>
#include <optional>
#include <poll.h>
#include <sched.h>

namespace minewarden::agent {
namespace {

/// A listening socket and what connects to it, on loopback.
struct Pair {
    Fd listener;
    Fd client;
    Fd server;
};

sockaddr_storage loopback(int family, std::uint16_t port, socklen_t& length) {
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

std::uint16_t listen_on(Fd& listener, int family) {
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

Pair connect_pair(int family) {
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

void send_all(const Fd& socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::send(socket.get(), bytes.data(), bytes.size(), 0);
        ASSERT_GT(put, 0);
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
}

void receive_all(const Fd& socket, std::size_t bytes) {
    std::array<char, 65536> chunk;
    while (bytes > 0) {
        const ssize_t got = ::recv(socket.get(), chunk.data(), std::min(chunk.size(), bytes), 0);
        ASSERT_GT(got, 0);
        bytes -= static_cast<std::size_t>(got);
    }
}

std::string pattern(std::size_t length) {
    std::string text;
    for (std::size_t i = 0; text.size() < length; ++i) text += std::to_string(i) + ",";
    text.resize(length);
    return text;
}

class FlowBpfTest : public BpfTest {
  protected:
    std::vector<abi::flow_event> mine(std::uint32_t type, pid_t pid = ::getpid()) const {
        auto all = events_of<abi::flow_event>(type);
        std::erase_if(
            all, [&](const auto& e) { return e.owner.pid != static_cast<std::uint32_t>(pid); });
        return all;
    }
    /// Openings without an owner on this port, or on any.
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
        const auto all = sensors_->flow_puller()->pull_holders();
        EXPECT_TRUE(all) << all.error().message;
        std::vector<abi::flow_holder_record> found;
        for (const auto& record : *all) {
            if (record.flow_id == flow) found.push_back(record);
        }
        return found;
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

std::uint16_t port_of(const Fd& socket) {
    sockaddr_storage storage{};
    socklen_t length = sizeof(storage);
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &length);
    return ntohs(storage.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(storage).sin_port
                                              : reinterpret_cast<sockaddr_in6&>(storage).sin6_port);
}

class FlowFamilyTest : public FlowBpfTest, public testing::WithParamInterface<int> {};

TEST_P(FlowFamilyTest, AConnectionIsSeenWithItsOwnerAddressesAndEnd) {
    {
        const Pair pair = connect_pair(GetParam());
        send_all(pair.client, "hello");
        receive_all(pair.server, 5);
        send_all(pair.server, "good day");
        receive_all(pair.client, 8);
    }
    ASSERT_TRUE(drain_until([&] { return !mine(abi::EVENT_FLOW_CLOSE).empty(); }));
    const auto opened = mine(abi::EVENT_FLOW_OPEN);
    ASSERT_EQ(opened.size(), 1u); // the accepted side has no owner yet
    EXPECT_EQ(IpAddress::from_bytes(opened[0].remote_address),
              parse_ip_address(GetParam() == AF_INET ? "127.0.0.1" : "::1"));
    EXPECT_NE(opened[0].local_port, 0);
    EXPECT_EQ(opened[0].flags, static_cast<std::uint32_t>(abi::FLOW_ESTABLISHED));
    EXPECT_NE(opened[0].network_namespace, 0u);
    EXPECT_EQ(captured(opened[0].flow_id, abi::FLOW_SENT), "hello");
    EXPECT_EQ(captured(opened[0].flow_id, abi::FLOW_RECEIVED), "good day");
    const auto closed = mine(abi::EVENT_FLOW_CLOSE);
    EXPECT_EQ(closed[0].flow_id, opened[0].flow_id);
    EXPECT_EQ(closed[0].bytes_sent, 5u);
    EXPECT_EQ(closed[0].bytes_received, 8u + 1u); // the server's FIN counts as one
    EXPECT_EQ(closed[0].segments_sent, 1u);
    EXPECT_EQ(closed[0].segments_received, 1u);
}

TEST_P(FlowFamilyTest, AnAcceptedConnectionIsSeenWithItsPayloadAndHolder) {
    const Pair pair = connect_pair(GetParam());
    send_all(pair.client, "hello");
    receive_all(pair.server, 5);
    send_all(pair.server, "good day");
    receive_all(pair.client, 8);
    ASSERT_TRUE(drain_until([&] { return accepted().size() == 1; }));
    const abi::flow_event opened = accepted()[0];
    EXPECT_EQ(opened.flags, static_cast<std::uint32_t>(abi::FLOW_ESTABLISHED));
    EXPECT_EQ(opened.local_port, port_of(pair.listener));
    EXPECT_EQ(opened.remote_port, port_of(pair.client));
    EXPECT_EQ(captured(opened.flow_id, abi::FLOW_RECEIVED), "hello");
    EXPECT_EQ(captured(opened.flow_id, abi::FLOW_SENT), "good day");
    const auto holders = holders_of(opened.flow_id);
    ASSERT_EQ(holders.size(), 1u);
    EXPECT_EQ(holders[0].holder.pid, static_cast<std::uint32_t>(::getpid()));
    EXPECT_GT(holders[0].holder.start_boottime_ns, 0u);
    // Who listened was told as it began.
    const auto listening = mine(abi::EVENT_LISTEN_BEGIN);
    ASSERT_EQ(listening.size(), 1u);
    EXPECT_EQ(listening[0].local_port, port_of(pair.listener));
}

INSTANTIATE_TEST_SUITE_P(Families, FlowFamilyTest, testing::Values(AF_INET, AF_INET6),
                         [](const auto& family) {
                             return family.param == AF_INET ? "Ipv4" : "Ipv6";
                         });

TEST_F(FlowBpfTest, Ipv4OverAnIpv6SocketIsIpv4) {
    Fd listener;
    const std::uint16_t port = listen_on(listener, AF_INET);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    ::inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr);
    const Fd client(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    send_all(client, "mapped");
    ASSERT_TRUE(drain_until([&] {
        return !mine(abi::EVENT_FLOW_OPEN).empty() &&
               captured(mine(abi::EVENT_FLOW_OPEN)[0].flow_id, abi::FLOW_SENT) == "mapped";
    }));
    EXPECT_EQ(
        minewarden::to_string(IpAddress::from_bytes(mine(abi::EVENT_FLOW_OPEN)[0].remote_address)),
        "127.0.0.1");
}

TEST_F(FlowBpfTest, ALargeWriteIsCapturedUpToTheWindowAndNoFurther) {
    const Pair pair = connect_pair(AF_INET);
    const std::string sent = pattern(300'000); // leaves in segments of 64 KiB
    std::thread reader([&] { receive_all(pair.server, sent.size()); });
    send_all(pair.client, sent);
    reader.join();
    ASSERT_TRUE(drain_until([&] { return !mine(abi::EVENT_FLOW_OPEN).empty(); }));
    sensors_->ring().drain();
    EXPECT_EQ(captured(mine(abi::EVENT_FLOW_OPEN)[0].flow_id, abi::FLOW_SENT),
              sent.substr(0, FLOW_CAPTURE_BYTES));
    EXPECT_LE(events_.size(), 20u);
}

TEST_F(FlowBpfTest, ManySmallWritesAreCapturedWhole) {
    const Pair pair = connect_pair(AF_INET6);
    const std::string sent = pattern(5000);
    for (std::size_t at = 0; at < sent.size(); at += 7) {
        send_all(pair.client, std::string_view(sent).substr(at, 7));
        receive_all(pair.server, std::min<std::size_t>(7, sent.size() - at));
    }
    sensors_->ring().drain();
    ASSERT_FALSE(mine(abi::EVENT_FLOW_OPEN).empty());
    const std::string seen = captured(mine(abi::EVENT_FLOW_OPEN)[0].flow_id, abi::FLOW_SENT);
    EXPECT_EQ(seen, sent.substr(0, seen.size()));
    EXPECT_GE(seen.size(), 4090u); // the segment that crosses the end of the window is cut there
}

TEST_F(FlowBpfTest, AConnectionOfAnotherNetworkNamespaceIsSeen) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::unshare(CLONE_NEWNET) != 0) ::_exit(1);
        ifreq interface{};
        std::strcpy(interface.ifr_name, "lo");
        interface.ifr_flags = IFF_UP;
        const Fd control(::socket(AF_INET, SOCK_DGRAM, 0));
        if (::ioctl(control.get(), SIOCSIFFLAGS, &interface) != 0) ::_exit(2);
        const Pair pair = connect_pair(AF_INET);
        send_all(pair.client, "from inside");
        receive_all(pair.server, 11);
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
    ASSERT_TRUE(drain_until([&] { return !mine(abi::EVENT_FLOW_CLOSE, child).empty(); }));
    const auto opened = mine(abi::EVENT_FLOW_OPEN, child);
    ASSERT_EQ(opened.size(), 1u);
    EXPECT_EQ(captured(opened[0].flow_id, abi::FLOW_SENT), "from inside");
}

TEST_F(FlowBpfTest, DataOnTheSynIsCaptured) {
    // TCP Fast Open without a cookie needs both sides to agree (tcp_fastopen bits
    // 0x1|0x2|0x4|0x200).
    const pid_t child = ::fork();
    if (child == 0) {
        if (::unshare(CLONE_NEWNET) != 0) ::_exit(1);
        ifreq interface{};
        std::strcpy(interface.ifr_name, "lo");
        interface.ifr_flags = IFF_UP;
        const Fd control(::socket(AF_INET, SOCK_DGRAM, 0));
        ::ioctl(control.get(), SIOCSIFFLAGS, &interface);
        const Fd setting(::open("/proc/sys/net/ipv4/tcp_fastopen", O_WRONLY));
        if (::write(setting.get(), "519", 3) != 3) ::_exit(77);
        Fd listener;
        const std::uint16_t port = listen_on(listener, AF_INET);
        const int queue = 4;
        ::setsockopt(listener.get(), IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
        socklen_t length = 0;
        const sockaddr_storage address = loopback(AF_INET, port, length);
        const Fd client(::socket(AF_INET, SOCK_STREAM, 0));
        const ssize_t sent = ::sendto(client.get(), "on the syn", 10, MSG_FASTOPEN,
                                      reinterpret_cast<const sockaddr*>(&address), length);
        if (sent != 10) ::_exit(3);
        const Fd server(::accept4(listener.get(), nullptr, nullptr, 0));
        receive_all(server, 10);
        send_all(client, ", then more");
        receive_all(server, 11);
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "tcp_fastopen cannot be set here";
    ASSERT_EQ(status, 0);
    ASSERT_TRUE(drain_until([&] { return !mine(abi::EVENT_FLOW_CLOSE, child).empty(); }));
    EXPECT_EQ(captured(mine(abi::EVENT_FLOW_OPEN, child)[0].flow_id, abi::FLOW_SENT),
              "on the syn, then more");
}

TEST_F(FlowBpfTest, ARefusedConnectionIsReportedAsNeverEstablished) {
    Fd listener;
    const std::uint16_t port = listen_on(listener, AF_INET);
    listener.reset();
    socklen_t length = 0;
    const sockaddr_storage address = loopback(AF_INET, port, length);
    const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_NE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
    ASSERT_TRUE(drain_until([&] { return !mine(abi::EVENT_FLOW_CLOSE).empty(); }));
    EXPECT_TRUE(mine(abi::EVENT_FLOW_OPEN).empty());
    EXPECT_EQ(mine(abi::EVENT_FLOW_CLOSE)[0].flags, 0u);
    EXPECT_EQ(mine(abi::EVENT_FLOW_CLOSE)[0].remote_port, port);
}

TEST_F(FlowBpfTest, AProcessThatOpensTooManyIsSkippedAndCounted) {
    for (unsigned i = 0; i < FLOW_BUDGET_CONNECTIONS + 20; ++i) {
        const Pair pair = connect_pair(AF_INET);
        send_all(pair.client, "x");
        receive_all(pair.server, 1);
        if (i % 100 == 0) sensors_->ring().drain();
    }
    ASSERT_TRUE(drain_until(
        [&] { return mine(abi::EVENT_FLOW_OPEN).size() == FLOW_BUDGET_CONNECTIONS + 20; }));
    const auto opened = mine(abi::EVENT_FLOW_OPEN);
    const auto skipped = std::ranges::count_if(
        opened, [](const auto& e) { return (e.flags & abi::FLOW_PAYLOAD_SKIPPED) != 0; });
    EXPECT_EQ(skipped, 20);
    EXPECT_EQ(errors_at("FLOW_PAYLOAD_BUDGET"), 20u);
}

TEST_F(FlowBpfTest, AnAcceptedConnectionThatCarriesNothingIsNotMentioned) {
    {
        const Pair pair = connect_pair(AF_INET);
    }
    ASSERT_TRUE(drain_until([&] { return !mine(abi::EVENT_FLOW_CLOSE).empty(); }));
    EXPECT_TRUE(accepted().empty());
    EXPECT_EQ(mine(abi::EVENT_LISTEN_END).size(), 1u);
}

TEST_F(FlowBpfTest, TheWorkerThatTookAConnectionOverIsItsHolder) {
    std::array<int, 2> go{};
    ASSERT_EQ(::pipe(go.data()), 0);
    Pair pair = connect_pair(AF_INET);
    const pid_t worker = ::fork();
    if (worker == 0) { // as a server that forks for each connection
        char byte = 0;
        ::close(go[1]);
        while (::read(go[0], &byte, 1) > 0) {
        }
        ::_exit(0);
    }
    ::close(go[0]);
    pair.server.reset();
    send_all(pair.client, "request");
    ASSERT_TRUE(drain_until([&] { return accepted().size() == 1; }));
    const auto holders = holders_of(accepted()[0].flow_id);
    ::close(go[1]);
    ::waitpid(worker, nullptr, 0);
    ASSERT_EQ(holders.size(), 1u);
    EXPECT_EQ(holders[0].holder.pid, static_cast<std::uint32_t>(worker));
}

TEST_F(FlowBpfTest, APortThatAcceptsTooManyIsSkippedAndCounted) {
    Fd listener;
    const std::uint16_t port = listen_on(listener, AF_INET);
    socklen_t length = 0;
    const sockaddr_storage address = loopback(AF_INET, port, length);
    constexpr unsigned over = 20;
    for (unsigned i = 0; i < FLOW_BUDGET_CONNECTIONS + over; ++i) {
        const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
        const Fd server(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        send_all(client, "x");
        receive_all(server, 1);
        if (i % 100 == 0) sensors_->ring().drain();
    }
    ASSERT_TRUE(drain_until(
        [&] { return mine(abi::EVENT_FLOW_CLOSE).size() == FLOW_BUDGET_CONNECTIONS + over; }));
    EXPECT_EQ(unowned(port).size(), FLOW_BUDGET_CONNECTIONS);
    EXPECT_EQ(errors_at("FLOW_PAYLOAD_BUDGET"), 2 * over); // by process and by port
}

TEST_F(FlowBpfTest, OfAFloodOfConnectionsEachIsSeenOrCounted) {
    // As fast as it goes, from two threads, drained only as often as the agent does.
    constexpr unsigned each = 10'000;
    Fd listener;
    const std::uint16_t port = listen_on(listener, AF_INET);
    std::atomic<bool> done = false;
    std::thread accepting([&] {
        pollfd ready{listener.get(), POLLIN, 0};
        while (!done) {
            if (::poll(&ready, 1, 50) > 0)
                Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)).reset();
        }
    });
    ::listen(listener.get(), 1024); // or connections wait a second for a place
    std::atomic<unsigned> made = 0;
    std::atomic<unsigned> working = 2;
    const auto connecting = [&] {
        socklen_t length = 0;
        const sockaddr_storage address = loopback(AF_INET, port, length);
        for (unsigned i = 0; i < each; ++i) {
            const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            // Closing with a reset leaves no port in TIME_WAIT.
            const linger abort{1, 0};
            ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
            if (::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0)
                ++made;
        }
        --working;
    };
    std::thread first(connecting);
    std::thread second(connecting);
    while (working > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(250));
        sensors_->ring().drain();
    }
    first.join();
    second.join();
    done = true;
    accepting.join();
    sensors_->ring().drain();
    EXPECT_EQ(made, 2 * each);
    const std::size_t opened = mine(abi::EVENT_FLOW_OPEN).size();
    const std::size_t closed = mine(abi::EVENT_FLOW_CLOSE).size();
    EXPECT_EQ(opened + errors_at("FLOW_OPEN_RING_FULL") + errors_at("FLOW_STORAGE_CREATE"), made);
    EXPECT_EQ(closed + errors_at("FLOW_CLOSE_RING_FULL") + errors_at("FLOW_STORAGE_CREATE"), made);
}

/// Connections that are open before the sensors are, one of them in another network namespace.
class FlowBeforeTest : public FlowBpfTest {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root";
        here_ = connect_pair(AF_INET);
        send_all(here_.client, "before");
        receive_all(here_.server, 6);
        ASSERT_EQ(::pipe(go_.data()), 0);
        ASSERT_EQ(::pipe(ready_.data()), 0);
        inside_ = ::fork();
        if (inside_ == 0) run_inside();
        char byte = 0;
        ASSERT_EQ(::read(ready_[0], &byte, 1), 1);
        FlowBpfTest::SetUp();
    }
    void TearDown() override {
        if (inside_ > 0) {
            ::close(go_[1]);
            ::waitpid(inside_, nullptr, 0);
        }
    }
    /// The process in the other namespace sends and receives again for each byte it reads.
    [[noreturn]] void run_inside() {
        if (::unshare(CLONE_NEWNET) != 0) ::_exit(1);
        ifreq interface{};
        std::strcpy(interface.ifr_name, "lo");
        interface.ifr_flags = IFF_UP;
        const Fd control(::socket(AF_INET, SOCK_DGRAM, 0));
        ::ioctl(control.get(), SIOCSIFFLAGS, &interface);
        const Pair pair = connect_pair(AF_INET6);
        send_all(pair.client, "before");
        receive_all(pair.server, 6);
        ::close(go_[1]);
        char byte = 'r';
        if (::write(ready_[1], &byte, 1) != 1) ::_exit(2);
        while (::read(go_[0], &byte, 1) == 1) {
            send_all(pair.client, "after it began");
            receive_all(pair.server, 14);
        }
        ::_exit(0);
    }

    Pair here_;
    std::array<int, 2> go_{};
    std::array<int, 2> ready_{};
    pid_t inside_ = -1;
};

TEST_F(FlowBeforeTest, AreSeenFromTheirNextPayloadWithTheirHolder) {
    send_all(here_.client, "then this");
    receive_all(here_.server, 9);
    ASSERT_TRUE(drain_until([&] { return unowned(port_of(here_.client)).size() == 1; }));
    const abi::flow_event client = unowned(port_of(here_.client))[0];
    EXPECT_NE(client.flags & abi::FLOW_IN_MIDDLE, 0u);
    EXPECT_EQ(client.bytes_sent, 6u + 9u);
    EXPECT_EQ(captured(client.flow_id, abi::FLOW_SENT), "then this");
    const auto holders = holders_of(client.flow_id);
    // This process, and the child that inherited the descriptor: the older one is the owner.
    ASSERT_EQ(holders.size(), 2u);
    ASSERT_EQ(unowned(port_of(here_.server)).size(), 1u);
    EXPECT_EQ(captured(unowned(port_of(here_.server))[0].flow_id, abi::FLOW_RECEIVED), "then this");
    EXPECT_TRUE(std::ranges::any_of(*sensors_->flow_puller()->pull_holders(), [&](const auto& r) {
        return r.is_listener != 0 && r.local_port == port_of(here_.listener) &&
               r.holder.pid == static_cast<std::uint32_t>(::getpid());
    })) << "the listener from before the sensors is not known";
}

TEST_F(FlowBeforeTest, AreSeenInOtherNetworkNamespaces) {
    ASSERT_EQ(::write(go_[1], "x", 1), 1);
    const auto with_payload = [&] {
        for (const abi::flow_event& event : unowned()) {
            if (captured(event.flow_id, abi::FLOW_SENT) == "after it began")
                return std::optional(event);
        }
        return std::optional<abi::flow_event>();
    };
    ASSERT_TRUE(drain_until([&] { return with_payload().has_value(); }));
    const auto holders = holders_of(with_payload()->flow_id);
    ASSERT_EQ(holders.size(), 1u);
    EXPECT_EQ(holders[0].holder.pid, static_cast<std::uint32_t>(inside_));
    EXPECT_EQ(holders[0].network_namespace, with_payload()->network_namespace);
}

} // namespace
} // namespace minewarden::agent
