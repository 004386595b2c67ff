// SPDX-License-Identifier: Apache-2.0
#include "common/unblocked_writer.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <poll.h>

namespace minewarden {
namespace {

bool is_same_file(const struct stat& one, const struct stat& two) {
    return one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

/// The same file with a description of its own, which does not block; none if it cannot be opened.
Fd open_again(int fd, const struct stat& status) {
    Fd own(::open(fmt::format("/proc/self/fd/{}", fd).c_str(),
                  O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat opened{};
    if (own && (::fstat(own.get(), &opened) != 0 || !is_same_file(status, opened))) own.reset();
    return own;
}

bool is_writable(int fd) {
    pollfd one{fd, POLLOUT, 0};
    return ::poll(&one, 1, 0) == 1;
}

} // namespace

UnblockedWriter::UnblockedWriter(int fd) : fd_(fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0 || S_ISREG(status.st_mode)) return;
    if (S_ISSOCK(status.st_mode)) {
        kind_ = Kind::socket;
        return;
    }
    if (S_ISFIFO(status.st_mode) || ::isatty(fd) == 1) own_ = open_again(fd, status);
    if (!own_) kind_ = Kind::shared;
}

Result<std::size_t, int> UnblockedWriter::write(std::string_view bytes) const {
    if (kind_ == Kind::shared) {
        // What is writable takes so much without blocking (pipe(7)), unless another process that
        // shares it is faster.
        if (!is_writable(fd_)) return std::size_t{0};
        bytes = bytes.substr(0, PIPE_BUF);
    }
    for (;;) {
        const ssize_t written = kind_ == Kind::socket ? ::send(fd_, bytes.data(), bytes.size(),
                                                               MSG_DONTWAIT | MSG_NOSIGNAL)
                                                      : ::write(fd(), bytes.data(), bytes.size());
        if (written >= 0) return static_cast<std::size_t>(written);
        if (errno == EAGAIN) return std::size_t{0};
        if (errno != EINTR) return fail(int{errno});
    }
}

} // namespace minewarden
