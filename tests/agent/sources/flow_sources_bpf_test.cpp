// SPDX-License-Identifier: Apache-2.0
// Tests every way to the same facts on the kernel that runs the tests, by disabling the ways before
// it. Ways that the kernel rejects are skipped by name.
#include "tests/agent/sources/all_holders.h"
#include "tests/agent/sources/bpf_fixture.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <fcntl.h>
#include <map>

namespace minewarden::agent {
namespace {

class FlowSourcesBpfTest : public testing::Test {
  protected:
    void SetUp() override {
        if (const auto reason = why_no_bpf()) GTEST_SKIP() << *reason;
    }
    /// Attaches without these hooks and programs, and without the sources that do not concern
    /// connections (loading them takes long on an emulated machine). Then listens.
    void attach_without(std::vector<std::string> hooks) {
        auto more = disabled_hooks();
        more.insert(more.end(), {"tp_btf/sched", "tp_btf/sys", "cgroup/", "pull_tasks",
                                 "pull_runtimes", "sample_fp_modes"});
        hooks.insert(hooks.end(), more.begin(), more.end());
        auto attached =
            SourceRegistry::attach([this](ByteView event) { keep(event); }, std::move(hooks));
        ASSERT_TRUE(attached) << attached.error().message;
        sources_ = std::move(*attached);
        listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* generic = reinterpret_cast<sockaddr*>(&address_);
        ASSERT_EQ(::bind(listener_.get(), generic, sizeof(address_)), 0);
        ASSERT_EQ(::listen(listener_.get(), 4), 0);
        socklen_t length = sizeof(address_);
        ::getsockname(listener_.get(), generic, &length);
    }
    [[nodiscard]] Capability capability(std::string_view name) const {
        const auto all = sources_->capabilities();
        const auto found = std::ranges::find(all, name, &Capability::name);
        return found == all.end() ? Capability{} : *found;
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
        sources_->ring().drain();
        std::vector<abi::flow_event> found;
        std::ranges::copy_if(events_, std::back_inserter(found),
                             [type](const auto& event) { return event.header.type == type; });
        return found;
    }
    std::map<std::uint64_t, abi::flow_counts_record> counts() {
        std::map<std::uint64_t, abi::flow_counts_record> found;
        const auto complete = sources_->get<FlowCountSource>().pull(
            [&](std::span<const abi::flow_counts_record> records) {
                for (const auto& record : records) found[record.flow_id] = record;
            },
            10'000'000'000);
        EXPECT_TRUE(complete && *complete);
        return found;
    }

    std::unique_ptr<SourceRegistry> sources_;
    Fd listener_;
    sockaddr_in address_{};
    std::vector<abi::flow_event> events_;
};

TEST_F(FlowSourcesBpfTest, SocketOperationsReportOwnersOpeningsAndEnds) {
    ASSERT_NO_FATAL_FAILURE(attach_without({"on_socket_state"}));
    EXPECT_EQ(capability("connection-owner").source, "sockops of the cgroup root");
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

TEST_F(FlowSourcesBpfTest, SocketOperationsReportListeners) {
    ASSERT_NO_FATAL_FAILURE(attach_without({"on_socket_state"}));
    const auto begun = seen(abi::EVENT_LISTEN_BEGIN);
    ASSERT_EQ(begun.size(), 1u);
    EXPECT_EQ(begun[0].owner.pid, static_cast<std::uint32_t>(::getpid()));
    EXPECT_TRUE(seen(abi::EVENT_LISTEN_END).empty());
    listener_.reset();
    EXPECT_EQ(seen(abi::EVENT_LISTEN_END).size(), 1u);
}

/// A way to the same facts, and the programs that come before it.
struct OneWay {
    const char* name;
    std::vector<std::string> without;
    std::string_view source;
};
std::string name_of(const testing::TestParamInfo<OneWay>& way) {
    return way.param.name;
}

class FlowHoldersBpfTest : public FlowSourcesBpfTest, public testing::WithParamInterface<OneWay> {};

INSTANTIATE_TEST_SUITE_P(
    Ways, FlowHoldersBpfTest,
    testing::Values(OneWay{"Storage", {}, "descriptor iterator, socket storage"},
                    OneWay{"Cookie", {"pull_holders"}, "descriptor iterator, socket cookies"}),
    name_of);

TEST_P(FlowHoldersBpfTest, FindsHoldersOfListenersAndConnections) {
    ASSERT_NO_FATAL_FAILURE(attach_without(GetParam().without));
    if (capability("socket-holder").source != GetParam().source)
        GTEST_SKIP() << "not on this kernel: " << GetParam().source;
    const Fd client = connect();
    const auto opened = seen(abi::EVENT_FLOW_OPEN);
    ASSERT_EQ(opened.size(), 1u);
    const auto holders = all_holders(sources_->get<FlowHolderSource>());
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

// Any process can copy a descriptor as often as the limits allow.
TEST_P(FlowHoldersBpfTest, PassesManyCopiesOfADescriptorOnInPiecesAndStops) {
    constexpr std::size_t copies = 900; // the usual limit is 1024
    ASSERT_NO_FATAL_FAILURE(attach_without(GetParam().without));
    if (capability("socket-holder").source != GetParam().source)
        GTEST_SKIP() << "not on this kernel: " << GetParam().source;
    auto& source = sources_->get<FlowHolderSource>();
    std::vector<Fd> held;
    const auto limit = all_holders(source).size();
    for (std::size_t i = 0; i < copies; ++i)
        held.emplace_back(::fcntl(listener_.get(), F_DUPFD_CLOEXEC, 0));
    ASSERT_TRUE(held.back());
    std::size_t passed_on = 0;
    std::size_t largest = 0;
    const auto count = [&](auto records) {
        passed_on += records.size();
        largest = std::max(largest, records.size());
    };
    const auto complete = source.pull(count, 10'000'000'000);
    ASSERT_TRUE(complete) << complete.error().message;
    EXPECT_TRUE(*complete);
    EXPECT_GE(passed_on, copies);
    EXPECT_LE(passed_on, copies + limit + 100);
    EXPECT_LE(largest, (64u << 10) / sizeof(abi::flow_holder_record));
    const auto given_up = source.pull(count, 0);
    ASSERT_TRUE(given_up) << given_up.error().message;
    EXPECT_FALSE(*given_up);
}

class FlowCountsBpfTest : public FlowSourcesBpfTest, public testing::WithParamInterface<OneWay> {};

INSTANTIATE_TEST_SUITE_P(Ways, FlowCountsBpfTest,
                         testing::Values(OneWay{"EverySocket", {}, "socket storage iterator"},
                                         OneWay{"DescriptorStorage",
                                                {"iter/bpf_sk_storage_map"},
                                                "descriptor iterator, socket storage"},
                                         OneWay{"DescriptorCookie",
                                                {"iter/bpf_sk_storage_map",
                                                 "pull_counts_by_descriptor"},
                                                "descriptor iterator, socket cookies"}),
                         name_of);

TEST_P(FlowCountsBpfTest, PullsTheCountsOfConnections) {
    ASSERT_NO_FATAL_FAILURE(attach_without(GetParam().without));
    if (capability("connection-traffic").source != GetParam().source)
        GTEST_SKIP() << "not on this kernel: " << GetParam().source;
    EXPECT_EQ(sources_->get<FlowCountSource>().sees_every_socket(), GetParam().without.empty());
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
    const auto all = counts();
    const auto own = all.find(opened[0].flow_id);
    ASSERT_NE(own, all.end());
    // More than was written if the kernel sent something twice, as on a slow machine.
    tcp_info info{};
    socklen_t length = sizeof(info);
    ASSERT_EQ(::getsockopt(client.get(), IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    EXPECT_GE(own->second.bytes_sent, 100'000u);
    EXPECT_EQ(own->second.bytes_sent == 100'000u, info.tcpi_total_retrans == 0);
    EXPECT_EQ(own->second.bytes_received, 6u);
    EXPECT_GE(own->second.segments_sent, 2u);
    EXPECT_GE(own->second.segments_received, 1u);
}

TEST_P(FlowCountsBpfTest, DoesNotShowAClosedConnection) {
    ASSERT_NO_FATAL_FAILURE(attach_without(GetParam().without));
    Fd client = connect();
    Fd server(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const auto opened = seen(abi::EVENT_FLOW_OPEN);
    ASSERT_EQ(opened.size(), 1u);
    EXPECT_TRUE(counts().contains(opened[0].flow_id));
    server.reset();
    client.reset();
    bool shown = true; // the kernel frees the socket a moment later
    for (int i = 0; i < 40 * time_scale() && shown; ++i) {
        shown = counts().contains(opened[0].flow_id);
        if (shown) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_FALSE(shown);
}

} // namespace
} // namespace minewarden::agent
