// SPDX-License-Identifier: Apache-2.0
#include "agent/connections/connections.h"
#include "tests/agent/sources/flow_fixture.h"

#include <atomic>
#include <poll.h>
#include <sched.h>

namespace minewarden::agent {
namespace {

TEST_F(FlowBpfTest, DoesNotReportAnAcceptedConnectionThatCarriesNothing) {
    {
        const Pair pair = connect_pair(AF_INET);
    }
    ASSERT_TRUE(drain_until([&] { return !mine(abi::EVENT_FLOW_CLOSE).empty(); }));
    EXPECT_TRUE(accepted().empty());
    EXPECT_EQ(mine(abi::EVENT_LISTEN_END).size(), 1u);
}

// The kernel frees a port that it chose itself before it reports that the socket closes.
TEST_F(FlowBpfTest, ReportsTheEndOfAListenerOnAPortThatTheKernelChose) {
    Fd listener;
    listen_on(listener, AF_INET);
    listener.reset();
    ASSERT_TRUE(drain_until([&] { return !mine(abi::EVENT_LISTEN_END).empty(); }));
    const auto begun = mine(abi::EVENT_LISTEN_BEGIN);
    const auto ended = mine(abi::EVENT_LISTEN_END);
    ASSERT_EQ(begun.size(), 1u);
    ASSERT_EQ(ended.size(), 1u);
    const ProcessTable processes;
    Connections connections(processes, *rules::IndicatorSet::load({}));
    connections.on_listener(begun[0]);
    EXPECT_EQ(connections.listeners().size(), 1u);
    connections.on_listener(ended[0]);
    EXPECT_EQ(connections.listeners().size(), 0u);
}

TEST_F(FlowBpfTest, FindsTheWorkerThatTookAConnectionOver) {
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

TEST_F(FlowBudgetBpfTest, SkipsAndCountsAPortThatAcceptsTooMany) {
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
        if (i % 100 == 0) sources_->ring().drain();
    }
    ASSERT_TRUE(drain_until(
        [&] { return mine(abi::EVENT_FLOW_CLOSE).size() == FLOW_BUDGET_CONNECTIONS + over; }));
    EXPECT_EQ(unowned(port).size(), FLOW_BUDGET_CONNECTIONS);
    EXPECT_EQ(errors_at("FLOW_PAYLOAD_BUDGET"), 2 * over); // by process and by port
}

TEST_F(FlowBudgetBpfTest, ReportsOrCountsEachOfAFloodOfConnections) {
    // As fast as possible, from two threads, drained as often as the agent does.
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
        sources_->ring().drain();
    }
    first.join();
    second.join();
    done = true;
    accepting.join();
    sources_->ring().drain();
    EXPECT_EQ(made, 2 * each);
    const std::size_t opened = mine(abi::EVENT_FLOW_OPEN).size();
    const std::size_t closed = mine(abi::EVENT_FLOW_CLOSE).size();
    // Other connections of the host are counted, too. A missed run can be an opening or an end, or
    // an owner, and then both are missing.
    const std::uint64_t counted =
        errors_at("FLOW_STORAGE_CREATE") + errors_at("PROGRAM_RUN_MISSED");
    EXPECT_GE(opened + errors_at("FLOW_OPEN_RING_FULL") + counted, made);
    EXPECT_GE(closed + errors_at("FLOW_CLOSE_RING_FULL") + counted, made);
    EXPECT_GT(opened, 0u);
}

/// Connections that are older than the sources, one of them in another network namespace.
class FlowBeforeTest : public FlowBpfTest {
  protected:
    [[nodiscard]] bool shares_sources() const override { return false; }
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
    /// The process in the other namespace sends and receives once for each byte that it reads.
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

TEST_F(FlowBeforeTest, AreReportedWithTheirNextPayloadAndHolder) {
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
    EXPECT_TRUE(std::ranges::any_of(all_holders(sources_->get<FlowHolderSource>()), [&](const auto&
                                                                                            r) {
        return r.is_listener != 0 && r.local_port == port_of(here_.listener) &&
               IpAddress::from_bytes(r.local_address).is_loopback() &&
               r.holder.pid == static_cast<std::uint32_t>(::getpid());
    })) << "the listener from before the sources is not known";
}

TEST_F(FlowBeforeTest, AreReportedInOtherNetworkNamespaces) {
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
