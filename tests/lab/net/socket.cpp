// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/net/socket.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <cerrno>
#include <poll.h>

namespace minewarden::lab {
namespace {

void enable(int fd, int level, int option) {
    const int on = 1;
    ::setsockopt(fd, level, option, &on, sizeof on);
}

Result<Fd> open_socket(const LoopbackAddress& address) {
    Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail(system_error(ErrorKind::unavailable, "cannot open a socket", errno));
    return fd;
}

Failure<Error> address_error(std::string_view action, const LoopbackAddress& address, int cause) {
    return fail(system_error(ErrorKind::unavailable,
                             fmt::format("cannot {} {}", action, address.text()), cause));
}

/// Returns false if the stop came first.
bool wait_until(int fd, short events, const Stop& stop) {
    while (!stop.requested()) {
        std::array<pollfd, 2> fds{{{fd, events, 0}, {stop.fd(), POLLIN, 0}}};
        ::poll(fds.data(), fds.size(), stop.poll_timeout());
        if (fds[0].revents != 0) return true;
    }
    return false;
}

} // namespace

Result<Fd> listen_on(const LoopbackAddress& address) {
    auto fd = open_socket(address);
    if (!fd) return fd;
    enable(fd->get(), SOL_SOCKET, SO_REUSEADDR);
    if (::bind(fd->get(), address.get(), address.size()) != 0 ||
        ::listen(fd->get(), SOMAXCONN) != 0)
        return address_error("listen on", address, errno);
    return fd;
}

Result<Fd> connect_to(const LoopbackAddress& address, const Stop& stop) {
    auto fd = open_socket(address);
    if (!fd) return fd;
    send_without_delay(fd->get());
    enable(fd->get(), SOL_SOCKET, SO_KEEPALIVE);
    if (::connect(fd->get(), address.get(), address.size()) == 0) return fd;
    if (errno != EINPROGRESS) return address_error("connect to", address, errno);
    if (!wait_until(fd->get(), POLLOUT, stop))
        return address_error("connect to", address, ETIMEDOUT);
    int cause = 0;
    socklen_t size = sizeof cause;
    ::getsockopt(fd->get(), SOL_SOCKET, SO_ERROR, &cause, &size);
    if (cause != 0) return address_error("connect to", address, cause);
    return fd;
}

void send_without_delay(int fd) {
    enable(fd, IPPROTO_TCP, TCP_NODELAY);
}

Result<void> send_all(int fd, std::string_view bytes, const Stop& stop) {
    while (!bytes.empty()) {
        const ssize_t put = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (put >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(put));
        } else if (errno == EAGAIN) {
            if (!wait_until(fd, POLLOUT, stop))
                return fail(ErrorKind::unavailable, "the peer does not read");
        } else if (errno != EINTR) {
            return fail(system_error(ErrorKind::unavailable, "cannot send", errno));
        }
    }
    return {};
}

ReadStatus read_some(int fd, std::string& bytes) {
    std::array<char, 16384> chunk;
    for (;;) {
        const ssize_t got = ::recv(fd, chunk.data(), chunk.size(), 0);
        if (got > 0) {
            bytes.append(chunk.data(), static_cast<std::size_t>(got));
            return ReadStatus::data;
        }
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return ReadStatus::nothing;
        return ReadStatus::closed;
    }
}

} // namespace minewarden::lab
