// SPDX-License-Identifier: Apache-2.0
// The server over its socket, with handlers for the tests. No test asserts a duration: timeouts are
// for failures.
#include "collector/api/http_server.h"
#include "tests/collector/support/http_client.h"
#include "tests/support/temporary_directory.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <latch>
#include <thread>
#include <unistd.h>

namespace minewarden::collector {
namespace {

using test::HttpAnswer;
using test::HttpConnection;
using namespace std::chrono_literals;

class HttpServerTest : public testing::Test {
  protected:
    HttpServerTest() {
        options_.socket = directory_.path() / "api.sock";
        router_.constant("/livez", {200, "text/plain", "alive"});
        router_.get(
            "/readyz", [](const Request&) { return Response{200, "text/plain", "ready"}; },
            Lane::health);
        router_.get("/large", [this](const Request&) {
            return Response{200, "text/plain", std::string(large_bytes_, 'x')};
        });
        router_.add(Method::post, "/echo", [](const Request& request) {
            const auto& peer = std::get<UnixPeer>(request.principal);
            return Response{
                200, request.content_type,
                fmt::format("{} {} {} {}", peer.user, peer.group, peer.process, request.body)};
        });
    }
    void start() {
        auto server = HttpServer::start(options_, std::move(router_), counters_);
        ASSERT_TRUE(server) << server.error().message;
        server_ = std::move(*server);
    }
    HttpAnswer send(const std::string& request) {
        HttpConnection connection(options_.socket);
        connection.send(request);
        return connection.read(60s);
    }
    HttpAnswer get(const std::string& target) {
        return send("GET " + target + " HTTP/1.1\r\nConnection: close\r\n\r\n");
    }

    TemporaryDirectory directory_;
    std::size_t large_bytes_ = std::size_t{8} << 20; ///< more than a socket buffers
    HttpServerOptions options_;
    Router router_;
    HttpCounters counters_;
    std::unique_ptr<HttpServer> server_;
};

/// Released at the end of a test, because the server waits for its handlers.
struct Hold {
    std::latch latch{1};
    ~Hold() { release(); }
    void release() {
        if (!std::exchange(released, true)) latch.count_down();
    }
    bool released = false;
};

TEST_F(HttpServerTest, PassesBodyAndPrincipalToTheHandler) {
    start();
    const auto answer = send("POST /echo HTTP/1.1\r\nConnection: close\r\n"
                             "Content-Type: text/x-words\r\nContent-Length: 5\r\n\r\nwords");
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.header.find("Content-Type: text/x-words\r\n"), std::string::npos);
    EXPECT_EQ(answer.body, fmt::format("{} {} {} words", ::getuid(), ::getgid(), ::getpid()));
}

TEST_F(HttpServerTest, AcceptsABodyUpToTheLimit) {
    start();
    const std::string body(options_.request.body_bytes, 'b');
    const auto post = [](std::size_t size) {
        return fmt::format("POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                           size);
    };
    EXPECT_TRUE(send(post(body.size()) + body).body.ends_with(" " + body));
    const auto refused = send(post(body.size() + 1) + body + "b");
    EXPECT_EQ(refused.status, 413);
    EXPECT_NE(refused.header.find("application/problem+json"), std::string::npos);
}

TEST_F(HttpServerTest, SendsContinueOnRequest) {
    start();
    HttpConnection connection(options_.socket);
    connection.send("POST /echo HTTP/1.1\r\nConnection: close\r\nExpect: 100-continue\r\n"
                    "Content-Length: 2\r\n\r\n");
    EXPECT_EQ(connection.read_some(25), "HTTP/1.1 100 Continue\r\n\r\n");
    connection.send("ok");
    EXPECT_TRUE(connection.read(60s).body.ends_with(" ok"));
}

TEST_F(HttpServerTest, ListsTheMethodsOfAPath) {
    start();
    const auto answer = get("/echo");
    EXPECT_EQ(answer.status, 405);
    EXPECT_NE(answer.header.find("Allow: POST\r\n"), std::string::npos);
}

TEST_F(HttpServerTest, SendsNoBodyForHead) {
    start();
    const auto answer = send("HEAD /large HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.header.find(fmt::format("Content-Length: {}\r\n", large_bytes_)),
              std::string::npos);
    EXPECT_EQ(answer.body, "");
}

TEST_F(HttpServerTest, AnswersRequestsOfAConnectionInOrder) {
    start();
    const auto answer = send("GET /readyz HTTP/1.1\r\n\r\nPOST /echo HTTP/1.1\r\n"
                             "Content-Length: 3\r\n\r\none"
                             "GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n");
    const auto ready = answer.body.find("ready");
    const auto one = answer.body.find(" one");
    const auto alive = answer.body.find("\r\n\r\nalive");
    EXPECT_TRUE(ready < one && one < alive && alive != std::string::npos) << answer.body;
}

TEST_F(HttpServerTest, RefusesWhenThePoolIsFullAndAnswersProbes) {
    Hold hold;
    std::atomic<int> started = 0;
    router_.get("/slow", [&](const Request&) {
        ++started;
        hold.latch.wait();
        return Response{200, "text/plain", "done"};
    });
    options_.handlers = {.workers = 2, .queue = 1};
    start();
    std::vector<std::unique_ptr<HttpConnection>> slow;
    const auto add_slow = [&] {
        slow.push_back(std::make_unique<HttpConnection>(options_.socket));
        slow.back()->send("GET /slow HTTP/1.1\r\nConnection: close\r\n\r\n");
    };
    add_slow();
    add_slow();
    while (started < 2) std::this_thread::sleep_for(1ms);
    add_slow(); // waits in the queue
    while (counters_.requests < 3) std::this_thread::sleep_for(1ms);
    const auto refused = get("/large");
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.header.find("Retry-After: 1\r\n"), std::string::npos);
    EXPECT_EQ(get("/livez").body, "alive");
    EXPECT_EQ(get("/readyz").body, "ready");
    EXPECT_EQ(counters_.busy, 1u);
    hold.release();
    for (const auto& connection : slow) EXPECT_EQ(connection->read(60s).body, "done");
    EXPECT_EQ(get("/large").status, 200);
}

TEST_F(HttpServerTest, SlowReadersDoNotDelayOthers) {
    start();
    std::vector<std::unique_ptr<HttpConnection>> stalled;
    for (int i = 0; i < 20; ++i) {
        stalled.push_back(std::make_unique<HttpConnection>(options_.socket));
        stalled.back()->send("GET /large HTTP/1.1\r\n\r\n");
        EXPECT_EQ(stalled.back()->read_some(1), "H"); // only this
    }
    EXPECT_EQ(get("/large").body.size(), large_bytes_);
    EXPECT_EQ(get("/livez").body, "alive");
    // They can continue.
    EXPECT_GT(stalled.front()->read_some(large_bytes_).size(), large_bytes_ - 1);
    server_.reset(); // does not wait for the others
}

TEST_F(HttpServerTest, ClosesAConnectionThatDoesNotReadInTime) {
    options_.patience = 1s;
    start();
    HttpConnection stalled(options_.socket);
    stalled.send("GET /large HTTP/1.1\r\n\r\n");
    while (counters_.slow_readers == 0) {
        // Reading a few single bytes is not enough.
        EXPECT_EQ(stalled.read_some(1).size(), 1u);
        std::this_thread::sleep_for(50ms);
    }
    EXPECT_TRUE(stalled.is_closed());
}

TEST_F(HttpServerTest, ClosesAConnectionThatDoesNotSendItsRequestInTime) {
    options_.patience = 1s;
    start();
    HttpConnection silent(options_.socket);
    HttpConnection half(options_.socket);
    half.send("POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nwo");
    EXPECT_TRUE(silent.is_closed());
    EXPECT_TRUE(half.is_closed());
    EXPECT_EQ(get("/livez").status, 200);
}

TEST_F(HttpServerTest, BoundsTheMemoryOfUnreadResponses) {
    options_.total_bytes = large_bytes_ * 3;
    start();
    std::vector<std::unique_ptr<HttpConnection>> stalled;
    for (int i = 0; i < 3; ++i) {
        stalled.push_back(std::make_unique<HttpConnection>(options_.socket));
        stalled.back()->send("GET /large HTTP/1.1\r\n\r\n");
        EXPECT_EQ(stalled.back()->read_some(1), "H");
    }
    const auto refused = get("/large");
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.header.find("Retry-After"), std::string::npos);
    EXPECT_EQ(get("/readyz").status, 200);
    stalled.clear();
    while (counters_.connections > 0) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(get("/large").status, 200);
}

TEST_F(HttpServerTest, BoundsTheMemoryOfRequestBodies) {
    options_.total_bytes = 3 * options_.request.body_bytes;
    start();
    std::vector<std::unique_ptr<HttpConnection>> slow;
    const auto head =
        fmt::format("POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\nb",
                    options_.request.body_bytes);
    unsigned refused = 0;
    for (int i = 0; i < 10; ++i) {
        slow.push_back(std::make_unique<HttpConnection>(options_.socket));
        slow.back()->send(head);
    }
    while (counters_.busy == 0) std::this_thread::sleep_for(1ms);
    slow.front()->send(std::string(options_.request.body_bytes - 1, 'b'));
    EXPECT_EQ(slow.front()->read(60s).status, 200);
    while (counters_.connections > 2) std::this_thread::sleep_for(1ms);
    for (std::size_t i = 1; i < slow.size(); ++i)
        if (slow[i]->read(10ms).status == 503) ++refused;
    EXPECT_EQ(refused, counters_.busy);
    EXPECT_GE(refused, 7u);
}

TEST_F(HttpServerTest, RefusesAResponseThatIsTooLarge) {
    options_.response_bytes = large_bytes_ - 1;
    start();
    EXPECT_EQ(get("/large").status, 500);
}

TEST_F(HttpServerTest, RefusesConnectionsBeyondTheLimit) {
    options_.connections = 2;
    start();
    HttpConnection first(options_.socket);
    HttpConnection second(options_.socket);
    EXPECT_EQ(get("/livez").status, 503);
    EXPECT_EQ(counters_.turned_away, 1u);
    first.send("GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(first.read(60s).status, 200);
    while (counters_.connections > 1) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(get("/livez").status, 200);
}

TEST_F(HttpServerTest, ForgetsAClientThatDisconnectsWhileItWaits) {
    std::atomic<int> asked = 0;
    router_.get("/wait", [&](const Request&) -> Answer {
        ++asked;
        return Later{std::chrono::steady_clock::now() + 1h, [&](bool) -> Answer {
                         ++asked;
                         return Response{};
                     }};
    });
    start();
    {
        HttpConnection follower(options_.socket);
        follower.send("GET /wait HTTP/1.1\r\n\r\n");
        while (asked == 0) std::this_thread::sleep_for(1ms);
    }
    while (counters_.connections > 0) std::this_thread::sleep_for(1ms);
    server_->notify();
    EXPECT_EQ(get("/livez").status, 200);
    EXPECT_EQ(asked, 1);
}

TEST_F(HttpServerTest, StopsWithConnectionsInEveryState) {
    std::atomic<int> waiting = 0;
    router_.get("/wait", [&](const Request&) -> Answer {
        ++waiting;
        return Later{std::chrono::steady_clock::now() + 1h,
                     [](bool) -> Answer { return Response{}; }};
    });
    start();
    std::vector<std::unique_ptr<HttpConnection>> open;
    for (const char* request : {"", "GET /li", "POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nwo",
                                "GET /large HTTP/1.1\r\n\r\n", "GET /wait HTTP/1.1\r\n\r\n",
                                "GET /livez HTTP/1.1\r\n\r\n"}) {
        open.push_back(std::make_unique<HttpConnection>(options_.socket));
        open.back()->send(request);
    }
    while (waiting == 0) std::this_thread::sleep_for(1ms);
    server_.reset();
    for (const auto& connection : open) EXPECT_TRUE(connection->is_closed());
    EXPECT_FALSE(std::filesystem::exists(options_.socket));
}

} // namespace
} // namespace minewarden::collector
