// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/net/line_server.h"
#include "tests/lab/net/socket.h"

#include <gtest/gtest.h>

#include <map>
#include <poll.h>
#include <thread>

namespace minewarden::lab {
namespace {

using namespace std::chrono_literals;

/// Answers with the same line. Records why clients were closed.
class Echo : public LineHandler {
  public:
    void opened(ClientId /*client*/, const LoopbackAddress& /*peer*/) override { ++opened_; }
    Answer on_line(ClientId /*client*/, std::string_view line) override {
        if (line == "flood") return {std::string(100'000, 'x') + "\n", {}};
        if (line == "bye") return {"bye\n", "said bye"};
        return {std::string(line) + "\n", {}};
    }
    void closed(ClientId client, std::string_view reason) override { reasons_[client] = reason; }
    std::string push(ClientId /*client*/) override { return "tick\n"; }

    int opened_ = 0;
    std::map<ClientId, std::string> reasons_;
};

class LineServerTest : public testing::Test {
  protected:
    void start(std::chrono::milliseconds tick = 0ms) {
        auto server = LineServer::listen(*LoopbackAddress::parse("127.0.0.1:0"));
        ASSERT_TRUE(server) << server.error().message;
        server_.emplace(std::move(*server));
        thread_ = std::jthread([this, tick] { server_->run(echo_, stop_, tick); });
    }
    void finish() {
        stop_.request();
        thread_.join();
    }
    Fd connect() {
        auto fd = connect_to(server_->address(), stop_);
        EXPECT_TRUE(fd);
        return std::move(*fd);
    }
    /// Reads until `size` bytes or the end of the connection.
    std::string read(const Fd& fd, std::size_t size) {
        std::string bytes;
        while (bytes.size() < size) {
            pollfd wait{fd.get(), POLLIN, 0};
            if (::poll(&wait, 1, 10'000) <= 0) break;
            if (read_some(fd.get(), bytes) == ReadStatus::closed) break;
        }
        return bytes;
    }

    Stop stop_{60s};
    Echo echo_;
    std::optional<LineServer> server_;
    std::jthread thread_;
};

TEST_F(LineServerTest, ServesManyClientsAtOnce) {
    start();
    std::vector<Fd> clients;
    for (int i = 0; i < 200; ++i) clients.push_back(connect());
    for (std::size_t i = 0; i < clients.size(); ++i)
        ASSERT_TRUE(send_all(clients[i].get(), std::to_string(i) + "\nsecond\n", stop_));
    for (std::size_t i = 0; i < clients.size(); ++i) {
        const std::string expected = std::to_string(i) + "\nsecond\n";
        EXPECT_EQ(read(clients[i], expected.size()), expected);
    }
    finish();
    EXPECT_EQ(echo_.opened_, 200);
    EXPECT_EQ(echo_.reasons_.size(), 200U);
}

TEST_F(LineServerTest, DropsAnOverlongLineAndContinues) {
    start();
    const Fd bad = connect();
    const Fd good = connect();
    const std::string endless(LineServer::maximum_line + 1, 'x');
    ASSERT_TRUE(send_all(bad.get(), endless, stop_));
    EXPECT_EQ(read(bad, 1), "");
    ASSERT_TRUE(send_all(good.get(), "still there\n", stop_));
    EXPECT_EQ(read(good, 12), "still there\n");
    finish();
    EXPECT_EQ(echo_.reasons_[1], "a line is too long");
}

TEST_F(LineServerTest, DropsAClientThatDoesNotRead) {
    start();
    const Fd greedy = connect();
    while (send_all(greedy.get(), "flood\n", stop_)) { // until the server drops it
    }
    ASSERT_FALSE(stop_.requested());
    const Fd good = connect();
    ASSERT_TRUE(send_all(good.get(), "still there\n", stop_));
    EXPECT_EQ(read(good, 12), "still there\n");
    finish();
    EXPECT_EQ(echo_.reasons_[1], "the client does not read");
}

TEST_F(LineServerTest, ClosesAConnectionAfterTheLastAnswer) {
    start();
    const Fd client = connect();
    ASSERT_TRUE(send_all(client.get(), "bye\nignored\n", stop_));
    EXPECT_EQ(read(client, 100), "bye\n");
    finish();
    EXPECT_EQ(echo_.reasons_[1], "said bye");
}

TEST_F(LineServerTest, NoticesAClientThatCloses) {
    start();
    connect().reset();
    const Fd other = connect();
    ASSERT_TRUE(send_all(other.get(), "x\n", stop_));
    EXPECT_EQ(read(other, 2), "x\n");
    finish();
    EXPECT_EQ(echo_.reasons_[1], "closed by the client");
    EXPECT_EQ(echo_.reasons_[2], "the server stops");
}

TEST_F(LineServerTest, PushesAtEachTick) {
    start(10ms);
    const Fd client = connect();
    EXPECT_EQ(read(client, 10), "tick\ntick\n");
    finish();
}

TEST(LineServer, ReportsAPortInUse) {
    const auto first = LineServer::listen(*LoopbackAddress::parse("127.0.0.1:0"));
    ASSERT_TRUE(first);
    const auto second = LineServer::listen(first->address());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::unavailable);
    EXPECT_NE(second.error().message.find(first->address().text()), std::string::npos);
}

} // namespace
} // namespace minewarden::lab
