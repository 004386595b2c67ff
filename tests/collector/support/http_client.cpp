// SPDX-License-Identifier: Apache-2.0
#include "tests/collector/support/http_client.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <charconv>
#include <cstring>
#include <poll.h>

namespace minewarden::test {
namespace {

constexpr int patience_ms = 60'000;

} // namespace

HttpConnection::HttpConnection(const std::filesystem::path& path)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        socket_.reset();
}

void HttpConnection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string HttpConnection::read_some(std::size_t size) {
    std::string text(size, '\0');
    std::size_t got = 0;
    while (got < size) {
        pollfd readable{socket_.get(), POLLIN, 0};
        if (::poll(&readable, 1, patience_ms) <= 0) break;
        const auto more = ::read(socket_.get(), text.data() + got, size - got);
        if (more <= 0) break;
        got += static_cast<std::size_t>(more);
    }
    text.resize(got);
    return text;
}

bool HttpConnection::is_closed() {
    std::array<char, 65536> ignored{};
    for (;;) {
        pollfd readable{socket_.get(), POLLIN, 0};
        if (::poll(&readable, 1, patience_ms) <= 0) return false;
        if (::read(socket_.get(), ignored.data(), ignored.size()) <= 0) return true;
    }
}

HttpAnswer HttpConnection::read(std::chrono::milliseconds timeout) {
    std::string text;
    std::array<char, 65536> chunk{};
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd readable{socket_.get(), POLLIN, 0};
        if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0) break;
        const auto got = ::read(socket_.get(), chunk.data(), chunk.size());
        if (got <= 0) break;
        text.append(chunk.data(), static_cast<std::size_t>(got));
    }
    HttpAnswer answer;
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos || text.size() < 12) return answer;
    std::from_chars(text.data() + 9, text.data() + 12, answer.status);
    answer.header = text.substr(0, end + 2);
    answer.body = text.substr(end + 4);
    return answer;
}

HttpAnswer http_get(const std::filesystem::path& socket, std::string_view target) {
    HttpConnection connection(socket);
    if (!connection.is_open()) return {};
    connection.send("GET " + std::string(target) +
                    " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    return connection.read();
}

} // namespace minewarden::test
