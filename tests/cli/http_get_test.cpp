// SPDX-License-Identifier: Apache-2.0
#include "cli/http_get.h"
#include "common/fd.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <thread>

namespace minewarden::cli {
namespace {

using namespace std::chrono_literals;

/// Longer than any test takes.
constexpr std::chrono::seconds forever = 1h;

/// Answers one request with the given pieces, one packet each, and closes.
class HttpGet : public testing::Test {
  protected:
    HttpGet() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, socket_.c_str(), sizeof address.sun_path - 1);
        EXPECT_EQ(
            ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            0);
        EXPECT_EQ(::listen(listener_.get(), 1), 0);
    }

    Result<HttpResponse> get_from(std::vector<std::string> pieces) {
        std::jthread server([&] {
            const Fd connection(::accept(listener_.get(), nullptr, nullptr));
            while (!request_.ends_with("\r\n\r\n")) {
                std::array<char, 1000> bytes{};
                const auto received = ::recv(connection.get(), bytes.data(), bytes.size(), 0);
                if (received <= 0) return;
                request_.append(bytes.data(), static_cast<std::size_t>(received));
            }
            for (const std::string& piece : pieces) {
                EXPECT_EQ(::send(connection.get(), piece.data(), piece.size(), MSG_NOSIGNAL),
                          static_cast<ssize_t>(piece.size()));
                std::this_thread::sleep_for(1ms); // so that it is probably read separately
            }
        });
        return http_get(socket_, "/path?name=value", forever);
    }

    TemporaryDirectory directory_;
    std::filesystem::path socket_ = directory_.path() / "api.sock";
    Fd listener_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::string request_;
};

TEST_F(HttpGet, ReturnsStatusAndBody) {
    const auto response =
        get_from({"HTTP/1.1 404 Not found\r\nContent-Le", "ngth: 4\r\n\r\nbo", "dy"});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 404u);
    EXPECT_EQ(response->body, "body");
    EXPECT_TRUE(request_.starts_with("GET /path?name=value HTTP/1.1\r\nHost: localhost\r\n"));
}

TEST_F(HttpGet, ReadsABodyUntilTheConnectionCloses) {
    const auto response = get_from({"HTTP/1.1 200 OK\r\n\r\n", "a body ", "of any length"});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "a body of any length");
}

TEST_F(HttpGet, ReadsChunks) {
    const auto response = get_from({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                    "3\r\none\r", "\n4;x=y\r\n", "-two\r\n0\r\n\r\n"});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "one-two");
}

TEST_F(HttpGet, ReadsALargeBody) {
    const std::string body(5'000'000, 'x');
    const auto response = get_from({"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + body});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, body);
}

TEST_F(HttpGet, FailsOnATruncatedOrInvalidResponse) {
    const std::vector<std::string> answers{
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbod",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 268435457\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'),
        "SSH-2.0-OpenSSH_9.2\r\n",
    };
    for (const std::string& answer : answers) {
        const auto response = get_from({answer});
        request_.clear();
        ASSERT_FALSE(response) << answer;
        EXPECT_EQ(response.error().kind, ErrorKind::unavailable) << response.error().message;
        EXPECT_TRUE(response.error().message.starts_with(socket_.string()))
            << response.error().message;
    }
}

TEST_F(HttpGet, FailsAfterTheTimeout) {
    const auto response = http_get(socket_, "/", 1s); // nothing accepts
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(response.error().message, socket_.string() + " does not answer within 1 s");
}

TEST_F(HttpGet, FailsOnAMissingSocketOrALongPath) {
    const auto missing = http_get(directory_.path() / "none.sock", "/", forever);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("is minewarden-collector running?"), std::string::npos);
    EXPECT_FALSE(http_get(std::string(200, 'x'), "/", forever));
}

} // namespace
} // namespace minewarden::cli
