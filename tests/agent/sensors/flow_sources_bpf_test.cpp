// SPDX-License-Identifier: Apache-2.0
// The ways that older kernels need, tried on whatever kernel runs the tests; and what is pulled.
#include "agent/sensors/flow_puller.h"
#include "common/host/cgroup_mount.h"
#include "tests/agent/sensors/all_holders.h"
#include "tests/agent/sensors/bpf_fixture.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <fcntl.h>

namespace minewarden::agent {
namespace {

class FlowSourcesBpfTest : public testing::Test {
  protected:
    void SetUp() override {
        if (const auto reason = why_no_bpf()) GTEST_SKIP() << *reason;
        set_up_bpf();
        auto maps = SharedMaps::create();
        ASSERT_TRUE(maps) << maps.error().message;
        maps_.emplace(std::move(*maps));
        auto ring = EventRing::open(*maps_, [this](ByteView event) { keep(event); });
        ASSERT_TRUE(ring);
        ring_ = std::move(*ring);
        const auto root = open_cgroup_root();
        ASSERT_TRUE(root) << root.error().message;
        auto sensor =
            FlowSensor::attach(*maps_, root->directory.get(), FlowSource::socket_operations);
        ASSERT_TRUE(sensor) << sensor.error().message;
        sensor_.emplace(std::move(*sensor));

        listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* generic = reinterpret_cast<sockaddr*>(&address_);
        ASSERT_EQ(::bind(listener_.get(), generic, sizeof(address_)), 0);
        ASSERT_EQ(::listen(listener_.get(), 4), 0);
        socklen_t length = sizeof(address_);
        ::getsockname(listener_.get(), generic, &length);
    }
    Fd connect() const {
        Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(
            ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof(address_)),
            0);
        return client;
    }
    void keep(ByteView bytes) {
        abi::flow_event event;
        if (bytes.size() != sizeof(event)) return;
        std::memcpy(&event, bytes.data(), sizeof(event));
        const std::uint16_t port = ntohs(address_.sin_port);
        if (event.local_port == port || event.remote_port == port) events_.push_back(event);
    }
    /// Events of this type that concern the test's port.
    std::vector<abi::flow_event> seen(std::uint32_t type) {
        ring_->drain();
        std::vector<abi::flow_event> found;
        std::ranges::copy_if(events_, std::back_inserter(found),
                             [type](const auto& event) { return event.header.type == type; });
        return found;
    }

    std::optional<SharedMaps> maps_;
    std::unique_ptr<EventRing> ring_;
    std::optional<FlowSensor> sensor_;
    Fd listener_;
    sockaddr_in address_{};
    std::vector<abi::flow_event> events_;
};

TEST_F(FlowSourcesBpfTest, SocketOperationsTellOwnersOpeningsAndEnds) {
    const auto own = static_cast<std::uint32_t>(::getpid());
    Fd client = connect();
    const auto opened = seen(abi::EVENT_FLOW_OPEN);
    ASSERT_EQ(opened.size(), 1u);
    EXPECT_EQ(opened[0].owner.pid, own);
    EXPECT_NE(opened[0].owner.start_boottime_ns, 0u);
    EXPECT_NE(opened[0].network_namespace, 0u);
    EXPECT_EQ(opened[0].flags, static_cast<std::uint32_t>(abi::FLOW_ESTABLISHED));
    Fd server(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    ASSERT_EQ(::send(client.get(), "hello", 5, 0), 5);
    std::array<char, 5> got;
    ASSERT_EQ(::recv(server.get(), got.data(), got.size(), MSG_WAITALL), 5);
    server.reset(); // first, so that this end does not linger
    client.reset();
    const auto closed = seen(abi::EVENT_FLOW_CLOSE);
    const auto end = std::ranges::find(closed, opened[0].flow_id, &abi::flow_event::flow_id);
    ASSERT_NE(end, closed.end());
    EXPECT_EQ(end->owner.pid, own);
    EXPECT_GE(end->bytes_sent, 5u);
}

TEST_F(FlowSourcesBpfTest, SocketOperationsTellWhoListens) {
    const auto begun = seen(abi::EVENT_LISTEN_BEGIN);
    ASSERT_EQ(begun.size(), 1u);
    EXPECT_EQ(begun[0].owner.pid, static_cast<std::uint32_t>(::getpid()));
    EXPECT_TRUE(seen(abi::EVENT_LISTEN_END).empty());
    listener_.reset();
    EXPECT_EQ(seen(abi::EVENT_LISTEN_END).size(), 1u);
}

TEST_F(FlowSourcesBpfTest, HoldersAreFoundByCookie) {
    auto puller = FlowPuller::attach(*maps_, sensor_->flows_map(), false);
    ASSERT_TRUE(puller) << puller.error().message;
    EXPECT_NE(puller->source().find("cookies"), std::string_view::npos);
    const Fd client = connect();
    const auto opened = seen(abi::EVENT_FLOW_OPEN);
    ASSERT_EQ(opened.size(), 1u);
    const auto holders = all_holders(*puller);
    const auto own = static_cast<std::uint32_t>(::getpid());
    const auto holds = [&](const abi::flow_holder_record& record) {
        return record.holder.pid == own && record.flow_id == opened[0].flow_id;
    };
    EXPECT_TRUE(std::ranges::any_of(holders, holds));
    const auto listens = [&](const abi::flow_holder_record& record) {
        return record.holder.pid == own && record.is_listener != 0 &&
               record.local_port == ntohs(address_.sin_port) &&
               IpAddress::from_bytes(record.local_address).is_loopback();
    };
    EXPECT_TRUE(std::ranges::any_of(holders, listens));
}

// Anybody can copy a descriptor as often as the limits allow.
TEST_F(FlowSourcesBpfTest, ManyCopiesOfADescriptorAreToldInPiecesAndNotWithoutEnd) {
    constexpr std::size_t copies = 900; // the usual limit is 1024
    auto puller = FlowPuller::attach(*maps_, sensor_->flows_map());
    ASSERT_TRUE(puller) << puller.error().message;
    std::vector<Fd> held;
    const auto limit = all_holders(*puller).size();
    for (std::size_t i = 0; i < copies; ++i)
        held.emplace_back(::fcntl(listener_.get(), F_DUPFD_CLOEXEC, 0));
    ASSERT_TRUE(held.back());
    std::size_t told = 0;
    std::size_t largest = 0;
    const auto count = [&](auto records) {
        told += records.size();
        largest = std::max(largest, records.size());
    };
    const auto complete = puller->pull_holders(count, 10'000'000'000);
    ASSERT_TRUE(complete) << complete.error().message;
    EXPECT_TRUE(*complete);
    EXPECT_GE(told, copies);
    EXPECT_LE(told, copies + limit + 100);
    EXPECT_LE(largest, (64u << 10) / sizeof(abi::flow_holder_record));
    const auto given_up = puller->pull_holders(count, 0);
    ASSERT_TRUE(given_up) << given_up.error().message;
    EXPECT_FALSE(*given_up);
}

TEST_F(FlowSourcesBpfTest, CountsOfConnectionsArePulled) {
    auto puller = FlowPuller::attach(*maps_, sensor_->flows_map());
    ASSERT_TRUE(puller) << puller.error().message;
    const Fd client = connect();
    const Fd server(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const std::string sent(100'000, 'x');
    std::thread reader([&] {
        std::string got(sent.size(), '\0');
        EXPECT_EQ(::recv(server.get(), got.data(), got.size(), MSG_WAITALL), 100'000);
    });
    EXPECT_EQ(::send(client.get(), sent.data(), sent.size(), 0), 100'000);
    reader.join();
    EXPECT_EQ(::send(server.get(), "thanks", 6, 0), 6);
    std::array<char, 6> thanks;
    EXPECT_EQ(::recv(client.get(), thanks.data(), thanks.size(), MSG_WAITALL), 6);
    const auto opened = seen(abi::EVENT_FLOW_OPEN);
    ASSERT_FALSE(opened.empty());
    const auto counts = puller->pull_counts();
    ASSERT_TRUE(counts) << counts.error().message;
    const auto own =
        std::ranges::find(*counts, opened[0].flow_id, &abi::flow_counts_record::flow_id);
    ASSERT_NE(own, counts->end());
    // More than was written only if the kernel sent something twice, as on a slow machine.
    tcp_info info{};
    socklen_t length = sizeof(info);
    ASSERT_EQ(::getsockopt(client.get(), IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    EXPECT_GE(own->bytes_sent, 100'000u);
    EXPECT_EQ(own->bytes_sent == 100'000u, info.tcpi_total_retrans == 0);
    EXPECT_EQ(own->bytes_received, 6u);
    EXPECT_GE(own->segments_sent, 2u);
    EXPECT_GE(own->segments_received, 1u);
}

} // namespace
} // namespace minewarden::agent
