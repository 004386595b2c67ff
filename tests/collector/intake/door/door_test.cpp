// SPDX-License-Identifier: Apache-2.0
// The door over real sockets. A plain TCP server is in libzmq's place.
#include "collector/intake/door/door.h"
#include "collector/supervise/listening_sockets.h"
#include "tests/collector/support/samples.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <atomic>
#include <poll.h>

namespace minewarden::collector {
namespace {

using namespace std::chrono_literals;
using test::random_id;

using Answer = Admission::Answer;

constexpr int patience_ms = 20000;

int port_of(const std::string& endpoint) {
    return std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
}

/// A socket of the test, blocking. Reads wait for a long time only.
class Peer {
  public:
    explicit Peer(Fd socket) : socket_(std::move(socket)) {
        const timeval patience{patience_ms / 1000, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    static Peer connected_to(int port) {
        Fd socket(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address),
                  0);
        return Peer(std::move(socket));
    }
    void send(std::string_view bytes) {
        EXPECT_EQ(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    std::string read(std::size_t size) {
        std::string bytes(size, '\0');
        const ssize_t got = ::recv(socket_.get(), bytes.data(), size, MSG_WAITALL);
        bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        return bytes;
    }
    /// The other side has ended it in order: no reset, and not only a long silence.
    bool has_ended() {
        char byte = 0;
        return ::recv(socket_.get(), &byte, 1, 0) == 0;
    }
    void half_close() { ::shutdown(socket_.get(), SHUT_WR); }
    /// Ends it with a reset.
    void abort() {
        const linger none{1, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
        socket_.reset();
    }
    void close() { socket_.reset(); }
    [[nodiscard]] int fd() const { return socket_.get(); }

  private:
    Fd socket_;
};

class DoorTest : public testing::Test {
  protected:
    void open(DoorLimits limits) {
        auto outside = listen_on({"tcp://127.0.0.1:*"});
        ASSERT_TRUE(outside) << outside.error().message;
        outside_ = port_of(outside->front().endpoint);
        auto inside = listen_on({"tcp://127.0.0.1:*"});
        ASSERT_TRUE(inside);
        inside_ = std::move(inside->front().socket);
        std::vector<Fd> sockets;
        sockets.push_back(std::move(outside->front().socket));
        auto door = Door::create(std::move(sockets), limits, suspects_, counters_);
        ASSERT_TRUE(door) << door.error().message;
        door_ = std::move(*door);
        door_->open(static_cast<std::uint16_t>(port_of(inside->front().endpoint)));
    }
    /// The next connection as libzmq gets it, and the address that it sees.
    std::pair<Peer, std::string> accept() {
        pollfd item{inside_.get(), POLLIN, 0};
        EXPECT_EQ(::poll(&item, 1, patience_ms), 1);
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        Fd socket(::accept(inside_.get(), reinterpret_cast<sockaddr*>(&peer), &size));
        const std::string seen = ::inet_ntoa(peer.sin_addr);
        // libzmq cannot be quicker: it needs the first bytes, which come later.
        for (int i = 0; i < patience_ms && door_->address_of(seen) == seen; ++i)
            ::poll(nullptr, 0, 1);
        return {Peer(std::move(socket)), seen};
    }
    bool counts(const Counters::Counter& counter, std::uint64_t value) {
        for (int i = 0; i < patience_ms / 10 && counter != value; ++i) ::poll(nullptr, 0, 10);
        return counter == value;
    }

    SuspectMemory memory_{};
    Suspects suspects_{memory_};
    Counters counters_;
    Fd inside_;
    int outside_ = 0;
    std::unique_ptr<Door> door_;
};

TEST_F(DoorTest, RelaysBothDirections) {
    open({.connections = 10});
    Peer agent = Peer::connected_to(outside_);
    auto [inner, seen] = accept();
    agent.send("from the agent");
    EXPECT_EQ(inner.read(14), "from the agent");
    inner.send("to the agent");
    EXPECT_EQ(agent.read(12), "to the agent");
    EXPECT_EQ(door_->address_of(seen), "127.0.0.1");
    EXPECT_TRUE(counts(counters_.connections, 1));
    agent.half_close();
    EXPECT_TRUE(inner.has_ended());
    inner.send("the last");
    EXPECT_EQ(agent.read(8), "the last") << "it may still read";
    inner.close();
    EXPECT_TRUE(agent.has_ended());
    EXPECT_TRUE(counts(counters_.connections, 0));
}

// libzmq can abort on a socket that fails between its own events.
TEST_F(DoorTest, HidesHowAConnectionEnds) {
    open({.connections = 10});
    for (int i = 0; i < 20; ++i) {
        Peer agent = Peer::connected_to(outside_);
        auto [inner, seen] = accept();
        agent.send("x");
        EXPECT_EQ(inner.read(1), "x");
        agent.abort();
        for (int k = 0; k < 100; ++k) inner.send("an answer that nobody reads");
        EXPECT_TRUE(inner.has_ended()) << "an orderly end, and no reset";
    }
    EXPECT_TRUE(counts(counters_.connections, 0));
}

TEST_F(DoorTest, HoldsNoMoreThanABufferForAPeerThatDoesNotRead) {
    open({.connections = 10});
    Peer agent = Peer::connected_to(outside_);
    auto [inner, seen] = accept();
    const std::string block(65536, 'x');
    std::size_t taken = 0;
    for (int idle = 0; idle < 50;) {
        const ssize_t sent = ::send(inner.fd(), block.data(), block.size(), MSG_DONTWAIT);
        if (sent > 0) taken += static_cast<std::size_t>(sent);
        idle = sent > 0 ? 0 : idle + 1;
        if (sent <= 0) ::poll(nullptr, 0, 10);
    }
    EXPECT_LT(taken, std::size_t{32} << 20) << "the buffers of the kernel, and one of the door";
    std::size_t read = 0;
    std::string bytes(65536, '\0');
    while (read < taken) {
        const ssize_t got = ::recv(agent.fd(), bytes.data(), bytes.size(), 0);
        ASSERT_GT(got, 0);
        read += static_cast<std::size_t>(got);
    }
    EXPECT_EQ(read, taken) << "nothing is lost";
}

TEST_F(DoorTest, TheOldestWithoutAKeyMakesRoom) {
    open({.connections = 100, .unauthenticated = 4});
    std::vector<Peer> idle;
    for (int i = 0; i < 4; ++i) idle.push_back(Peer::connected_to(outside_));
    std::vector<std::pair<Peer, std::string>> inner;
    for (int i = 0; i < 4; ++i) inner.push_back(accept());
    EXPECT_EQ(door_->admit(inner[0].second, random_id<CurvePublicKey>()), Answer::admitted);
    Peer fifth = Peer::connected_to(outside_);
    Peer sixth = Peer::connected_to(outside_);
    EXPECT_TRUE(idle[1].has_ended()) << "the first one has shown its key";
    fifth.send("x");
    EXPECT_EQ(accept().first.read(1), "x");
    idle[0].send("y");
    EXPECT_EQ(inner[0].first.read(1), "y");
    EXPECT_TRUE(counts(counters_.connections_over_limit, 1));
}

TEST_F(DoorTest, TheOldestOfAKeyMakesRoom) {
    open({.connections = 100, .per_key = 2});
    const auto key = random_id<CurvePublicKey>();
    std::vector<Peer> agents;
    std::vector<Peer> inner;
    for (int i = 0; i < 3; ++i) {
        agents.push_back(Peer::connected_to(outside_));
        auto [socket, seen] = accept();
        EXPECT_EQ(door_->admit(seen, key), Answer::admitted);
        inner.push_back(std::move(socket));
    }
    EXPECT_TRUE(agents[0].has_ended());
    EXPECT_TRUE(inner[0].has_ended());
    agents[2].send("x");
    EXPECT_EQ(inner[2].read(1), "x");
}

TEST_F(DoorTest, EndsWhoNeverShowsAKey) {
    open({.connections = 100, .unauthenticated = 100});
    Peer idle = Peer::connected_to(outside_);
    auto [inner, seen] = accept();
    EXPECT_TRUE(idle.has_ended());
    EXPECT_TRUE(inner.has_ended());
}

TEST_F(DoorTest, AdmitsOnlyItsOwnConnections) {
    open({.connections = 10});
    const auto key = random_id<CurvePublicKey>();
    EXPECT_EQ(door_->admit("127.0.0.1", key), Answer::gone) << "someone who found libzmq's port";
    EXPECT_EQ(door_->admit("10.0.0.1", key), Answer::gone);
    EXPECT_EQ(door_->admit("no address", key), Answer::gone);
    Peer agent = Peer::connected_to(outside_);
    auto [inner, seen] = accept();
    EXPECT_EQ(door_->admit(seen, key), Answer::admitted);
    EXPECT_EQ(door_->admit(seen, random_id<CurvePublicKey>()), Answer::gone)
        << "one key per connection";
}

TEST_F(DoorTest, NotesWhoseConnectionsEndAndKeepsThemOut) {
    open({.connections = 10});
    const auto key = random_id<CurvePublicKey>();
    for (int death = 0; death < 3; ++death) {
        Peer agent = Peer::connected_to(outside_);
        auto [inner, seen] = accept();
        EXPECT_EQ(door_->admit(seen, key), Answer::admitted);
        agent.abort();
        EXPECT_TRUE(inner.has_ended());
        inner.close();
        (void)suspects_.learn(std::chrono::steady_clock::now().time_since_epoch());
    }
    Peer agent = Peer::connected_to(outside_);
    EXPECT_EQ(door_->admit(accept().second, key), Answer::kept_out);
}

TEST_F(DoorTest, StopsReadingWhileTheHeapIsFull) {
    static std::atomic<std::size_t> in_use;
    in_use = 1001;
    open({.connections = 10,
          .heap = 1000,
          .heap_per_connection = 0,
          .heap_in_use = []() -> std::size_t { return in_use; }});
    Peer agent = Peer::connected_to(outside_);
    auto [inner, seen] = accept();
    EXPECT_TRUE(counts(counters_.pauses, 1));
    agent.send("waits");
    pollfd item{inner.fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&item, 1, 300), 0);
    in_use = 1000;
    EXPECT_EQ(inner.read(5), "waits") << "and goes on";
}

TEST(Door, SharesTheDescriptors) {
    EXPECT_EQ(Door::connections_within(1024), 298u);
    EXPECT_GE(Door::connections_within(0), 1u);
}

} // namespace
} // namespace minewarden::collector
