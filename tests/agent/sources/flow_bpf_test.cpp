// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/sources/flow_fixture.h"

#include <fcntl.h>
#include <sched.h>

namespace minewarden::agent {
namespace {

/// The beginning of struct flow_state in kernel/lib/flow_state.bpf.h, and room for the rest.
struct flow_state_bytes {
    abi::subject_id owner;
    std::uint64_t flow_id;
    std::array<std::uint8_t, 256> rest;
};

class FlowFamilyTest : public FlowBpfTest, public testing::WithParamInterface<int> {};

TEST_P(FlowFamilyTest, ReportsAConnectionWithOwnerAddressesAndEnd) {
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

TEST_P(FlowFamilyTest, ReportsAnAcceptedConnectionWithPayloadAndHolder) {
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
    // The listener was reported when it began.
    const auto listening = mine(abi::EVENT_LISTEN_BEGIN);
    ASSERT_EQ(listening.size(), 1u);
    EXPECT_EQ(listening[0].local_port, port_of(pair.listener));
    EXPECT_TRUE(IpAddress::from_bytes(listening[0].local_address).is_loopback());
    EXPECT_TRUE(IpAddress::from_bytes(opened.local_address).is_loopback());
}

INSTANTIATE_TEST_SUITE_P(Families, FlowFamilyTest, testing::Values(AF_INET, AF_INET6),
                         [](const auto& family) {
                             return family.param == AF_INET ? "Ipv4" : "Ipv6";
                         });

TEST_F(FlowBpfTest, ReportsIpv4OverAnIpv6SocketAsIpv4) {
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

TEST_F(FlowBpfTest, CapturesALargeWriteUpToTheWindow) {
    const Pair pair = connect_pair(AF_INET);
    const std::string sent = pattern(300'000); // leaves in segments of 64 KiB
    std::thread reader([&] { receive_all(pair.server, sent.size()); });
    send_all(pair.client, sent);
    reader.join();
    ASSERT_TRUE(drain_until([&] { return !mine(abi::EVENT_FLOW_OPEN).empty(); }));
    sources_->ring().drain();
    EXPECT_EQ(captured(mine(abi::EVENT_FLOW_OPEN)[0].flow_id, abi::FLOW_SENT),
              sent.substr(0, FLOW_CAPTURE_BYTES));
    EXPECT_LE(events_.size(), 20u);
}

TEST_F(FlowBpfTest, CapturesManySmallWritesWhole) {
    const Pair pair = connect_pair(AF_INET6);
    const std::string sent = pattern(5000);
    for (std::size_t at = 0; at < sent.size(); at += 7) {
        send_all(pair.client, std::string_view(sent).substr(at, 7));
        receive_all(pair.server, std::min<std::size_t>(7, sent.size() - at));
    }
    sources_->ring().drain();
    ASSERT_FALSE(mine(abi::EVENT_FLOW_OPEN).empty());
    const std::string seen = captured(mine(abi::EVENT_FLOW_OPEN)[0].flow_id, abi::FLOW_SENT);
    EXPECT_EQ(seen, sent.substr(0, seen.size()));
    EXPECT_GE(seen.size(), 4090u); // the segment that crosses the end of the window is cut there
}

TEST_F(FlowBpfTest, ReportsAConnectionOfAnotherNetworkNamespace) {
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

TEST_F(FlowBpfTest, CapturesDataOnTheSyn) {
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

// The receiver does not find that byte between the others, so it reads something else than was
// captured.
TEST_F(FlowBpfTest, CountsAnUrgentByte) {
    const std::uint64_t before = errors_at("FLOW_PAYLOAD_URGENT");
    const Pair pair = connect_pair(AF_INET);
    send_all(pair.client, "bef");
    ASSERT_EQ(::send(pair.client.get(), "!", 1, MSG_OOB), 1);
    send_all(pair.client, "ore");
    std::array<char, 6> got{};
    std::size_t read = 0;
    while (read < got.size()) {
        const ssize_t more = ::recv(pair.server.get(), got.data() + read, got.size() - read, 0);
        ASSERT_GT(more, 0);
        read += static_cast<std::size_t>(more);
    }
    EXPECT_EQ(std::string_view(got.data(), got.size()), "before");
    EXPECT_GE(errors_at("FLOW_PAYLOAD_URGENT") - before, 1u);
}

TEST_F(FlowBpfTest, ReadsAConnectionAgainWhenAsked) {
    const Pair pair = connect_pair(AF_INET);
    const std::string first = pattern(10'000);
    send_all(pair.client, first);
    receive_all(pair.server, first.size());
    ASSERT_TRUE(drain_until([&] { return accepted().size() == 1; }));
    const std::uint64_t client = mine(abi::EVENT_FLOW_OPEN)[0].flow_id;
    const std::uint64_t server = accepted()[0].flow_id;
    events_.clear();
    send_all(pair.client, "not captured");
    receive_all(pair.server, 12);

    const std::array ids{client, server, ~std::uint64_t{0}};
    ASSERT_TRUE(sources_->get<FlowSource>().read_again(ids));
    send_all(pair.client, "said later");
    receive_all(pair.server, 10);
    send_all(pair.server, "answered");
    receive_all(pair.client, 8);
    ASSERT_TRUE(drain_until([&] { return captured(client, abi::FLOW_RECEIVED) == "answered"; }));
    EXPECT_EQ(captured(client, abi::FLOW_SENT), "said later");
    EXPECT_EQ(captured(server, abi::FLOW_RECEIVED), "said later");
    EXPECT_EQ(captured(server, abi::FLOW_SENT), "answered");
    const auto openings = events_of<abi::flow_event>(abi::EVENT_FLOW_OPEN);
    ASSERT_EQ(openings.size(), 2U) << "once for each end";
    for (const abi::flow_event& event : openings) {
        EXPECT_EQ(event.flags, abi::FLOW_ESTABLISHED | abi::FLOW_IN_MIDDLE | abi::FLOW_READ_AGAIN);
        EXPECT_EQ(event.owner.pid, event.flow_id == client ? ::getpid() : 0);
    }

    // As much as the first time, and then nothing until the next request.
    send_all(pair.client, first);
    receive_all(pair.server, first.size());
    sources_->ring().drain();
    EXPECT_EQ(captured(client, abi::FLOW_SENT).size(), FLOW_CAPTURE_BYTES);
    EXPECT_EQ(events_of<abi::flow_event>(abi::EVENT_FLOW_OPEN).size(), 2U);
}

// The kernel does not run a tracing program while the same program runs on that CPU, so the end of
// a handshake is sometimes missed. This test restores the state that results from that.
TEST_F(FlowBpfTest, ReportsAConnectionWhoseHandshakeWasMissedWithItsNextPayload) {
    const Pair pair = connect_pair(AF_INET);
    ASSERT_TRUE(drain_until([&] { return !mine(abi::EVENT_FLOW_OPEN).empty(); }));
    const std::uint64_t client = mine(abi::EVENT_FLOW_OPEN)[0].flow_id;
    const int flows = sources_->bpf().map("flows");
    const int socket = pair.client.get();
    flow_state_bytes state{};
    ASSERT_EQ(bpf_map_lookup_elem(flows, &socket, &state), 0);
    const auto owner = state.owner;
    state = {};
    state.owner = owner;
    state.flow_id = client;
    ASSERT_EQ(bpf_map_update_elem(flows, &socket, &state, BPF_ANY), 0);
    events_.clear();
    send_all(pair.client, "after the handshake");
    receive_all(pair.server, 19);
    ASSERT_TRUE(drain_until([&] { return !mine(abi::EVENT_FLOW_OPEN).empty(); }));
    EXPECT_EQ(mine(abi::EVENT_FLOW_OPEN)[0].flags, abi::FLOW_ESTABLISHED + 0u);
    EXPECT_EQ(captured(client, abi::FLOW_SENT), "after the handshake");
}

TEST_F(FlowBpfTest, LeavesUnmarkedConnectionsAlone) {
    const Pair pair = connect_pair(AF_INET);
    const Pair quiet = connect_pair(AF_INET);
    ASSERT_TRUE(drain_until([&] { return mine(abi::EVENT_FLOW_OPEN).size() == 2; }));
    const std::uint64_t other = mine(abi::EVENT_FLOW_OPEN)[0].flow_id;
    const std::uint64_t marked = mine(abi::EVENT_FLOW_OPEN)[1].flow_id;
    auto& source = sources_->get<FlowSource>();
    const std::array first{marked};
    ASSERT_TRUE(source.read_again(first));
    const std::array second{~std::uint64_t{0}}; // another round, while the marked one is silent
    ASSERT_TRUE(source.read_again(second));
    events_.clear();
    for (const Pair* each : {&pair, &quiet}) {
        send_all(each->client, "now");
        receive_all(each->server, 3);
    }
    ASSERT_TRUE(drain_until([&] { return captured(marked, abi::FLOW_SENT) == "now"; }));
    EXPECT_EQ(captured(other, abi::FLOW_SENT), "now");
    const auto opened = mine(abi::EVENT_FLOW_OPEN);
    ASSERT_EQ(opened.size(), 1u);
    EXPECT_EQ(opened[0].flow_id, marked);
    EXPECT_NE(opened[0].flags & abi::FLOW_READ_AGAIN, 0u);
}

TEST_F(FlowBpfTest, ReportsARefusedConnectionAsNeverEstablished) {
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

TEST_F(FlowBudgetBpfTest, SkipsAndCountsAProcessThatOpensTooMany) {
    for (unsigned i = 0; i < FLOW_BUDGET_CONNECTIONS + 20; ++i) {
        const Pair pair = connect_pair(AF_INET);
        send_all(pair.client, "x");
        receive_all(pair.server, 1);
        if (i % 100 == 0) sources_->ring().drain();
    }
    ASSERT_TRUE(drain_until(
        [&] { return mine(abi::EVENT_FLOW_OPEN).size() == FLOW_BUDGET_CONNECTIONS + 20; }));
    const auto opened = mine(abi::EVENT_FLOW_OPEN);
    const auto skipped = std::ranges::count_if(
        opened, [](const auto& e) { return (e.flags & abi::FLOW_PAYLOAD_SKIPPED) != 0; });
    EXPECT_EQ(skipped, 20);
    EXPECT_EQ(errors_at("FLOW_PAYLOAD_BUDGET"), 20u);
}

} // namespace
} // namespace minewarden::agent
