// SPDX-License-Identifier: Apache-2.0
#include "collector/channel/frames.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace minewarden::collector {
namespace {

/// Larger than the default, so that most turns are written at once.
constexpr int buffer_bytes = 1 << 20;
/// A buffer that a large frame needed is not kept for small ones.
constexpr std::size_t kept_bytes = std::size_t{16} << 20;

Failure<Error> gone(int error) {
    return fail(system_error(ErrorKind::unavailable, "the channel has ended", error));
}

} // namespace

Result<void> Frames::send(std::string_view body) {
    if (body.size() > UINT32_MAX) return fail(ErrorKind::internal, "a frame of over 4 GiB");
    const auto size = static_cast<std::uint32_t>(body.size());
    std::array<char, sizeof size> head{};
    std::memcpy(head.data(), &size, sizeof size);
    std::array<iovec, 2> parts{
        {{head.data(), head.size()}, {const_cast<char*>(body.data()), body.size()}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    std::size_t left = head.size() + body.size();
    while (left > 0) {
        const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return gone(errno);
        left -= static_cast<std::size_t>(sent);
        auto skipped = static_cast<std::size_t>(sent);
        for (iovec& part : parts) {
            const std::size_t of_this = std::min(skipped, part.iov_len);
            part.iov_base = static_cast<char*>(part.iov_base) + of_this;
            part.iov_len -= of_this;
            skipped -= of_this;
        }
    }
    return {};
}

Result<std::string_view> Frames::receive() {
    std::uint32_t size = 0;
    std::array<char, sizeof size> head{};
    TRY(receive_exactly(head.data(), head.size()));
    std::memcpy(&size, head.data(), sizeof size);
    if (size > maximum_)
        return fail(ErrorKind::data,
                    fmt::format("a frame of {} bytes, at most {} are accepted", size, maximum_));
    if (body_.capacity() > kept_bytes && size <= kept_bytes) body_ = {};
    body_.resize(size);
    TRY(receive_exactly(body_.data(), body_.size()));
    return std::string_view(body_);
}

Result<void> Frames::receive_exactly(char* bytes, std::size_t size) {
    while (size > 0) {
        const ssize_t received = ::recv(socket_.get(), bytes, size, MSG_WAITALL);
        if (received < 0 && errno == EINTR) continue;
        if (received <= 0) return gone(received == 0 ? EPIPE : errno);
        bytes += received;
        size -= static_cast<std::size_t>(received);
    }
    return {};
}

void Frames::close() {
    ::shutdown(socket_.get(), SHUT_RDWR);
}

Result<std::pair<Fd, Fd>> make_channel() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail(system_error(ErrorKind::internal, "cannot create a channel", errno));
    for (const int end : ends)
        ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    return std::pair{Fd(ends[0]), Fd(ends[1])};
}

} // namespace minewarden::collector
