// SPDX-License-Identifier: Apache-2.0
// A small name server on port 53 of its own network namespace, and clients of every kind.
#include "agent/dns/answer_reader.h"
#include "tests/agent/sources/bpf_fixture.h"
#include "tests/rules/recognise/dns_message.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <sched.h>

namespace minewarden::agent {
namespace {

using namespace std::string_literals;

struct Endpoint {
    sockaddr_storage storage{};
    socklen_t length = 0;
    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
};

Endpoint name_server(int family, const char* literal) {
    Endpoint endpoint;
    if (family == AF_INET) {
        auto& address = reinterpret_cast<sockaddr_in&>(endpoint.storage);
        address.sin_family = AF_INET;
        address.sin_port = htons(DNS_PORT);
        ::inet_pton(AF_INET, literal, &address.sin_addr);
        endpoint.length = sizeof(address);
    } else {
        auto& address = reinterpret_cast<sockaddr_in6&>(endpoint.storage);
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(DNS_PORT);
        ::inet_pton(AF_INET6, literal, &address.sin6_addr);
        endpoint.length = sizeof(address);
    }
    return endpoint;
}

void require(bool held, int code) {
    if (!held) ::_exit(code);
}

std::string answer_for(std::string_view name) {
    return rules::dns_a(name, "\xcb\x01\x71\x07", 60);
}

void enter_own_network() {
    require(::unshare(CLONE_NEWNET) == 0, 10);
    ifreq interface{};
    std::strcpy(interface.ifr_name, "lo");
    interface.ifr_flags = IFF_UP;
    const Fd control(::socket(AF_INET, SOCK_DGRAM, 0));
    require(::ioctl(control.get(), SIOCSIFFLAGS, &interface) == 0, 11);
}

/// One query and one answer. The socket of the client stays open until both are done.
void ask_over_udp(int client_family, const Endpoint& server, bool connects, std::string answer) {
    const Endpoint wildcard = name_server(AF_INET6, "::");
    const Fd listener(::socket(AF_INET6, SOCK_DGRAM, 0));
    const int off = 0;
    ::setsockopt(listener.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    require(::bind(listener.get(), wildcard.get(), wildcard.length) == 0, 12);
    const Fd client(::socket(client_family, SOCK_DGRAM, 0));
    if (connects) {
        require(::connect(client.get(), server.get(), server.length) == 0, 13);
        require(::send(client.get(), "?", 1, 0) == 1, 14);
    } else {
        require(::sendto(client.get(), "?", 1, 0, server.get(), server.length) == 1, 15);
    }
    sockaddr_storage peer{};
    socklen_t length = sizeof(peer);
    std::array<char, 16> query{};
    auto* generic = reinterpret_cast<sockaddr*>(&peer);
    require(::recvfrom(listener.get(), query.data(), query.size(), 0, generic, &length) == 1, 16);
    const auto size = static_cast<ssize_t>(answer.size());
    require(::sendto(listener.get(), answer.data(), answer.size(), 0, generic, length) == size, 17);
    std::vector<char> got(65536);
    require(::recv(client.get(), got.data(), got.size(), 0) == size, 18);
}

/// A connection to a name server, with both ends here.
struct TcpToNameServer {
    explicit TcpToNameServer(const Endpoint& server) {
        const int family = server.get()->sa_family;
        listener = Fd(::socket(family, SOCK_STREAM, 0));
        require(::bind(listener.get(), server.get(), server.length) == 0, 12);
        require(::listen(listener.get(), 1) == 0, 13);
        client = Fd(::socket(family, SOCK_STREAM, 0));
        require(::connect(client.get(), server.get(), server.length) == 0, 14);
        accepted = Fd(::accept(listener.get(), nullptr, nullptr));
    }
    Fd listener;
    Fd client;
    Fd accepted;
};

class DnsBpfTest : public BpfTest {
  protected:
    /// Runs in a child in its own network namespace. Returns the pid of the child.
    pid_t run(const std::function<void()>& body) {
        const pid_t child = ::fork();
        if (child == 0) {
            enter_own_network();
            body();
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFEXITED(status)) << status;
        EXPECT_EQ(WEXITSTATUS(status), 0);
        return child;
    }

    struct Seen {
        abi::dns_answer_event event;
        std::string bytes;
    };
    std::vector<Seen> seen(pid_t owner) const {
        std::vector<Seen> found;
        for (const auto& raw : events_) {
            Seen item{};
            if (raw.size() < sizeof(item.event)) continue;
            std::memcpy(&item.event, raw.data(), sizeof(item.event));
            if (item.event.header.type != abi::EVENT_DNS_ANSWER ||
                item.event.owner.pid != static_cast<std::uint32_t>(owner))
                continue;
            EXPECT_LE(sizeof(item.event) + item.event.length, raw.size());
            item.bytes = std::string(as_text(ByteView(raw).subspan(
                sizeof(item.event),
                std::min<std::size_t>(item.event.length, raw.size() - sizeof(item.event)))));
            found.push_back(std::move(item));
        }
        return found;
    }
};

struct Way {
    const char* name;
    int family;
    const char* server;
    bool connects;
};
class DnsUdpTest : public DnsBpfTest, public testing::WithParamInterface<Way> {};

TEST_P(DnsUdpTest, ReportsAnAnswerWithTheProcessThatAsked) {
    const Way& way = GetParam();
    const std::string answer = answer_for("pool.test");
    const pid_t child = run([&] {
        ask_over_udp(way.family, name_server(way.family, way.server), way.connects, answer);
    });
    ASSERT_TRUE(drain_until([&] { return !seen(child).empty(); }));
    const auto found = seen(child);
    ASSERT_EQ(found.size(), 1U); // once, though both ends are on this host
    EXPECT_EQ(found[0].bytes, answer);
    EXPECT_EQ(found[0].event.whole_length, answer.size());
    EXPECT_EQ(found[0].event.flags, 0U);
    struct stat own{};
    ASSERT_EQ(::stat("/proc/self/ns/net", &own), 0);
    EXPECT_NE(found[0].event.network_namespace, 0U);
    EXPECT_NE(found[0].event.network_namespace, static_cast<std::uint32_t>(own.st_ino));
}

INSTANTIATE_TEST_SUITE_P(Ways, DnsUdpTest,
                         testing::Values(Way{"Ipv4Connected", AF_INET, "127.0.0.1", true},
                                         Way{"Ipv4Unconnected", AF_INET, "127.0.0.1", false},
                                         Way{"Ipv6Connected", AF_INET6, "::1", true},
                                         Way{"Ipv6Unconnected", AF_INET6, "::1", false},
                                         Way{"MappedConnected", AF_INET6, "::ffff:127.0.0.1", true},
                                         Way{"MappedUnconnected", AF_INET6, "::ffff:127.0.0.1",
                                             false}),
                         [](const auto& way) { return std::string(way.param.name); });

TEST_F(DnsBpfTest, CutsALongAnswerAndReportsItsLength) {
    const std::string answer = answer_for("pool.test") + std::string(5000, 'x');
    const pid_t child =
        run([&] { ask_over_udp(AF_INET, name_server(AF_INET, "127.0.0.1"), true, answer); });
    ASSERT_TRUE(drain_until([&] { return !seen(child).empty(); }));
    EXPECT_EQ(seen(child)[0].bytes, answer.substr(0, DNS_PIECE_BYTES));
    EXPECT_EQ(seen(child)[0].event.whole_length, answer.size());
}

TEST_F(DnsBpfTest, IgnoresAnAnswerWithoutQuery) {
    const std::uint64_t before = errors_at("DNS_UNASKED");
    const std::string answer = answer_for("unasked.test");
    const std::string asked = answer_for("asked.test");
    run([&] {
        const Endpoint from = name_server(AF_INET, "127.0.0.1");
        const Fd server(::socket(AF_INET, SOCK_DGRAM, 0));
        require(::bind(server.get(), from.get(), from.length) == 0, 12);
        const Fd client(::socket(AF_INET, SOCK_DGRAM, 0));
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* generic = reinterpret_cast<sockaddr*>(&own);
        require(::bind(client.get(), generic, sizeof(own)) == 0, 13);
        socklen_t length = sizeof(own);
        ::getsockname(client.get(), generic, &length);
        std::array<char, 512> got{};
        const auto send = [&](const std::string& bytes, int code) {
            require(::sendto(server.get(), bytes.data(), bytes.size(), 0, generic, length) ==
                        static_cast<ssize_t>(bytes.size()),
                    code);
            require(::recv(client.get(), got.data(), got.size(), 0) > 0, code + 1);
        };
        send(answer, 14);
        require(::sendto(client.get(), "?", 1, 0, from.get(), from.length) == 1, 16);
        send(asked, 17);
    });
    const auto is_seen = [&](std::string_view what) {
        return std::ranges::any_of(events_, [&](const auto& raw) {
            return as_text(ByteView(raw)).find(what) != std::string_view::npos;
        });
    };
    ASSERT_TRUE(drain_until([&] { return is_seen(asked); }));
    EXPECT_FALSE(is_seen(answer));
    EXPECT_EQ(errors_at("DNS_UNASKED") - before, 1U);
}

// Any host can connect to this one from port 53.
TEST_F(DnsBpfTest, IgnoresAnAnswerOnAnAcceptedConnection) {
    const std::uint64_t before = errors_at("DNS_UNASKED");
    const std::string answer = answer_for("stranger.test");
    const std::string framed = rules::be16(static_cast<unsigned>(answer.size())) + answer;
    const pid_t asker = run([&] {
        const Endpoint port_53 = name_server(AF_INET, "127.0.0.1");
        const Fd listener(::socket(AF_INET, SOCK_STREAM, 0));
        require(::listen(listener.get(), 1) == 0, 12);
        sockaddr_in own{};
        socklen_t length = sizeof(own);
        auto* generic = reinterpret_cast<sockaddr*>(&own);
        ::getsockname(listener.get(), generic, &length);
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const Fd stranger(::socket(AF_INET, SOCK_STREAM, 0));
        require(::bind(stranger.get(), port_53.get(), port_53.length) == 0, 13);
        require(::connect(stranger.get(), generic, length) == 0, 14);
        const Fd accepted(::accept(listener.get(), nullptr, nullptr));
        const auto size = static_cast<ssize_t>(framed.size());
        require(::send(stranger.get(), framed.data(), framed.size(), 0) == size, 15);
        std::vector<char> got(framed.size());
        require(::recv(accepted.get(), got.data(), got.size(), MSG_WAITALL) == size, 16);
        ask_over_udp(AF_INET, port_53, true, answer_for("control.test"));
    });
    ASSERT_TRUE(drain_until([&] { return !seen(asker).empty(); }));
    EXPECT_EQ(seen(asker).size(), 1U);
    EXPECT_TRUE(seen(0).empty());
    EXPECT_EQ(errors_at("DNS_UNASKED") - before, 1U);
}

/// With a connection to a name server that is older than the sources.
class DnsBeforeTest : public DnsBpfTest {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root";
        ASSERT_EQ(::pipe(go_.data()), 0);
        ASSERT_EQ(::pipe(ready_.data()), 0);
        child_ = ::fork();
        if (child_ == 0) serve();
        char byte = 0;
        ASSERT_EQ(::read(ready_[0], &byte, 1), 1);
        DnsBpfTest::SetUp();
    }
    void TearDown() override {
        if (child_ <= 0) return;
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
        for (const int fd : {go_[0], go_[1], ready_[0], ready_[1]}) ::close(fd);
    }
    [[noreturn]] void serve() const {
        enter_own_network();
        const TcpToNameServer both(name_server(AF_INET, "127.0.0.1"));
        const Fd& client = both.client;
        const Fd& accepted = both.accepted;
        std::array<char, 512> got{};
        require(::send(accepted.get(), "earlier", 7, 0) == 7, 15);
        require(::recv(client.get(), got.data(), 7, MSG_WAITALL) == 7, 16);
        require(::write(ready_[1], "x", 1) == 1, 17);
        require(::read(go_[0], got.data(), 1) == 1, 18);
        require(::send(client.get(), "?", 1, 0) == 1, 20);
        require(::recv(accepted.get(), got.data(), 1, 0) == 1, 21);
        const std::string answer = answer_for("older.test");
        const std::string framed = rules::be16(static_cast<unsigned>(answer.size())) + answer;
        require(::send(accepted.get(), framed.data(), framed.size(), 0) > 0, 19);
        for (;;) ::pause();
    }

    std::array<int, 2> go_{};
    std::array<int, 2> ready_{};
    pid_t child_ = -1;
};

TEST_F(DnsBeforeTest, ReportsAnAnswerOverTcpWithoutOwner) {
    ASSERT_EQ(::write(go_[1], "x", 1), 1);
    ASSERT_TRUE(drain_until([&] { return !seen(0).empty(); }));
    EXPECT_NE(seen(0)[0].bytes.find("older"), std::string::npos);
}

TEST_F(DnsBpfTest, IgnoresOtherPorts) {
    const std::string other = answer_for("other-port.test");
    const std::string control = answer_for("control.test");
    const pid_t child = run([&] {
        // A socket that has asked a name server, so that only the port it comes from speaks against
        // it.
        const Endpoint server = name_server(AF_INET, "127.0.0.1");
        const Fd resolver(::socket(AF_INET, SOCK_DGRAM, 0));
        require(::bind(resolver.get(), server.get(), server.length) == 0, 12);
        const Fd client(::socket(AF_INET, SOCK_DGRAM, 0));
        require(::sendto(client.get(), "?", 1, 0, server.get(), server.length) == 1, 13);
        sockaddr_in own{};
        socklen_t length = sizeof(own);
        auto* generic = reinterpret_cast<sockaddr*>(&own);
        ::getsockname(client.get(), generic, &length);
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const Fd elsewhere(::socket(AF_INET, SOCK_DGRAM, 0));
        std::array<char, 512> got{};
        for (const auto& [from, bytes] :
             {std::pair(elsewhere.get(), other), std::pair(resolver.get(), control)}) {
            require(::sendto(from, bytes.data(), bytes.size(), 0, generic, length) > 0, 14);
            require(::recv(client.get(), got.data(), got.size(), 0) > 0, 15);
        }
    });
    ASSERT_TRUE(drain_until([&] { return !seen(child).empty(); }));
    ASSERT_EQ(seen(child).size(), 1U);
    EXPECT_EQ(seen(child)[0].bytes, control);
}

TEST_F(DnsBpfTest, ReportsEveryAnswerOfATcpConnectionInAnyPieces) {
    const std::vector<std::string> names{"a.test", "bb.test", "ccc.test"};
    const pid_t child = run([&] {
        const TcpToNameServer both(name_server(AF_INET, "127.0.0.1"));
        const Fd& client = both.client;
        const Fd& accepted = both.accepted;
        const int one = 1;
        ::setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        std::string stream;
        for (const std::string& name : names) {
            const std::string answer = answer_for(name);
            stream += rules::be16(static_cast<unsigned>(answer.size())) + answer;
        }
        // Two answers at once, cut within a length and within a name; then a lull and the third.
        const std::size_t third = stream.size() - answer_for(names[2]).size() - 2;
        std::size_t at = 0;
        for (const std::size_t end :
             {std::size_t{1}, std::size_t{20}, third - 3, third, third + 1, stream.size()}) {
            const auto size = static_cast<ssize_t>(end - at);
            require(::send(accepted.get(), stream.data() + at, end - at, 0) == size, 15);
            std::vector<char> got(end - at);
            require(::recv(client.get(), got.data(), got.size(), MSG_WAITALL) == size, 16);
            at = end;
        }
    });
    NameCache cache(std::make_shared<const rules::IndicatorSet>());
    ASSERT_TRUE(drain_until([&] { return seen(child).size() >= 6; }));
    AnswerReader answers(cache);
    for (const Seen& item : seen(child)) {
        EXPECT_EQ(item.event.flags, abi::DNS_OVER_TCP | abi::DNS_FROM_BEGINNING);
        answers.on_answer(item.event, as_bytes(item.bytes));
    }
    EXPECT_EQ(answers.counts().answers, names.size());
    EXPECT_EQ(answers.counts().malformed, 0U);
    EXPECT_EQ(answers.counts().resynchronised, 0U);
}

TEST_F(DnsBpfTest, ReportsALargeTcpAnswerWhole) {
    const std::string answer = answer_for("large.test") + std::string(40'000, 'x');
    const pid_t child = run([&] {
        const TcpToNameServer both(name_server(AF_INET6, "::1"));
        const Fd& client = both.client;
        const Fd& accepted = both.accepted;
        const std::string framed = rules::be16(static_cast<unsigned>(answer.size())) + answer;
        std::thread writer([&] { (void)::send(accepted.get(), framed.data(), framed.size(), 0); });
        std::vector<char> got(framed.size());
        require(::recv(client.get(), got.data(), got.size(), MSG_WAITALL) ==
                    static_cast<ssize_t>(framed.size()),
                15);
        writer.join();
    });
    const auto bytes = [&] {
        std::size_t sum = 0;
        for (const Seen& item : seen(child)) sum += item.bytes.size();
        return sum;
    };
    ASSERT_TRUE(drain_until([&] { return bytes() >= answer.size() + 2; }));
    NameCache cache(std::make_shared<const rules::IndicatorSet>());
    AnswerReader answers(cache);
    for (const Seen& item : seen(child)) answers.on_answer(item.event, as_bytes(item.bytes));
    EXPECT_EQ(answers.counts().answers, 1U);
}

TEST_F(DnsBpfTest, SkipsAndCountsAProcessThatReceivesTooMuch) {
    const std::uint64_t before = errors_at("DNS_BUDGET");
    const pid_t child = run([&] {
        const Endpoint server = name_server(AF_INET, "127.0.0.1");
        const Fd listener(::socket(AF_INET, SOCK_DGRAM, 0));
        require(::bind(listener.get(), server.get(), server.length) == 0, 12);
        const Fd client(::socket(AF_INET, SOCK_DGRAM, 0));
        require(::connect(client.get(), server.get(), server.length) == 0, 13);
        sockaddr_in own{};
        socklen_t length = sizeof(own);
        auto* generic = reinterpret_cast<sockaddr*>(&own);
        ::getsockname(client.get(), generic, &length);
        const std::string answer(4000, 'x');
        std::array<char, 4096> got{};
        for (int i = 0; i < 200; ++i) {
            require(::sendto(listener.get(), answer.data(), answer.size(), 0, generic, length) > 0,
                    14);
            require(::recv(client.get(), got.data(), got.size(), 0) > 0, 15);
        }
    });
    sources_->ring().drain();
    const std::size_t handed_over = seen(child).size();
    EXPECT_GE(handed_over, DNS_BUDGET_BYTES / 4000);
    EXPECT_LT(handed_over, 200U);
    EXPECT_EQ(errors_at("DNS_BUDGET") - before, 200 - handed_over);
}

} // namespace
} // namespace minewarden::agent
