// SPDX-License-Identifier: Apache-2.0
#include "collector/api/request_reader.h"

#include <gtest/gtest.h>

namespace minewarden::collector {
namespace {

constexpr RequestReader::Limits limits{.header_bytes = 1000, .body_bytes = 100};

/// The only request in `bytes`, which must be complete.
RequestReader::Received read(std::string_view bytes) {
    RequestReader reader(limits);
    reader.append(bytes);
    auto next = reader.next();
    EXPECT_TRUE(next && *next) << bytes;
    return next && *next ? std::move(**next) : RequestReader::Received{};
}

/// The status of the problem in `bytes`; 0 if there is none.
unsigned problem(std::string_view bytes) {
    RequestReader reader(limits);
    reader.append(bytes);
    const auto next = reader.next();
    return next ? 0 : next.error().status;
}

TEST(RequestReader, ReadsMethodTargetTypeAndBody) {
    const auto post = read("POST /things?x=1 HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\n"
                           "Content-Length: 5\r\n\r\nhello");
    EXPECT_EQ(post.request.method, Method::post);
    EXPECT_EQ(post.request.target, "/things?x=1");
    EXPECT_EQ(post.request.content_type, "text/plain");
    EXPECT_EQ(post.request.body, "hello");
    EXPECT_TRUE(post.keep_alive);
    EXPECT_EQ(read("DELETE / HTTP/1.1\r\n\r\n").request.method, Method::delete_);
    EXPECT_EQ(read("BREW / HTTP/1.1\r\n\r\n").request.method, Method::other);
    EXPECT_FALSE(read("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").keep_alive);
    EXPECT_FALSE(read("GET / HTTP/1.0\r\n\r\n").keep_alive);
}

TEST(RequestReader, ReadsAChunkedBody) {
    EXPECT_EQ(read("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
                  .request.body,
              "abcde");
}

TEST(RequestReader, ReadsRequestsInAnyPieces) {
    const std::string both = "POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody"
                             "GET /b HTTP/1.1\r\nHost: x\r\n\r\n";
    for (std::size_t size = 1; size <= both.size(); ++size) {
        RequestReader reader(limits);
        std::vector<std::string> seen;
        for (std::size_t at = 0; at < both.size(); at += size) {
            reader.append(std::string_view(both).substr(at, size));
            for (auto next = reader.next(); next && *next; next = reader.next())
                seen.push_back((*next)->request.target + " " + (*next)->request.body);
        }
        EXPECT_EQ(seen, (std::vector<std::string>{"/a body", "/b "})) << size;
    }
}

TEST(RequestReader, RefusesRequestsThatAreTooLarge) {
    const std::string limit(limits.body_bytes, 'x');
    EXPECT_EQ(read("PUT / HTTP/1.1\r\nContent-Length: 100\r\n\r\n" + limit).request.body, limit);
    EXPECT_EQ(problem("PUT / HTTP/1.1\r\nContent-Length: 101\r\n\r\n"), 413u);
    EXPECT_EQ(problem("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" + limit +
                      "\r\n1\r\nx\r\n0\r\n\r\n"),
              413u);
    EXPECT_EQ(problem("GET / HTTP/1.1\r\nX: " + std::string(1000, 'x') + "\r\n\r\n"), 431u);
    EXPECT_EQ(problem("GET /" + std::string(1000, 'x')), 431u);
    const std::string chunked = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(problem(chunked + "1;" + std::string(1100, 'x')), 431u);
    EXPECT_EQ(problem(chunked + "0\r\nX: " + std::string(1100, 'x')), 431u);
}

TEST(RequestReader, RefusesInvalidHttp) {
    for (const char* bytes : {"hello\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
                              "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                              "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                              "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"})
        EXPECT_EQ(problem(bytes), 400u) << bytes;
}

TEST(RequestReader, ReportsOnceThatTheClientWaitsForContinue) {
    RequestReader reader(limits);
    reader.append("PUT / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_FALSE(*reader.next());
    EXPECT_TRUE(reader.take_expect_continue());
    EXPECT_FALSE(reader.take_expect_continue());
    reader.append("o");
    EXPECT_FALSE(*reader.next());
    EXPECT_FALSE(reader.take_expect_continue());
    reader.append("k");
    const auto whole = reader.next();
    ASSERT_TRUE(whole && *whole);
    EXPECT_EQ((*whole)->request.body, "ok");
}

TEST(RequestReader, CountsTheBytesItHolds) {
    RequestReader reader({.header_bytes = 1000, .body_bytes = 1 << 20});
    reader.append("PUT / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nx");
    EXPECT_FALSE(*reader.next());
    EXPECT_GE(reader.held_bytes(), 1'000'000u);
}

} // namespace
} // namespace minewarden::collector
