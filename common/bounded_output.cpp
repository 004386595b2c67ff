// SPDX-License-Identifier: Apache-2.0
#include "common/bounded_output.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <poll.h>

namespace minewarden {
namespace {

/// None if it cannot be opened.
Fd open_again(int fd, const struct stat& status) {
    Fd own(::open(fmt::format("/proc/self/fd/{}", fd).c_str(),
                  O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat opened{};
    if (own && (::fstat(own.get(), &opened) != 0 || opened.st_dev != status.st_dev ||
                opened.st_ino != status.st_ino))
        own.reset();
    return own;
}

bool is_writable(int fd) {
    pollfd one{fd, POLLOUT, 0};
    return ::poll(&one, 1, 0) == 1;
}

} // namespace

BoundedOutput::BoundedOutput(int fd) : fd_(fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0 || S_ISREG(status.st_mode)) return;
    if (S_ISSOCK(status.st_mode)) {
        kind_ = Kind::socket;
        return;
    }
    if (S_ISFIFO(status.st_mode) || ::isatty(fd) == 1) own_ = open_again(fd, status);
    if (!own_) kind_ = Kind::shared;
}

Result<void, int> BoundedOutput::write(std::string_view text, std::chrono::milliseconds patience,
                                       const std::stop_token& stop) {
    stopped_.clear();
    const std::stop_callback wake(stop, [this] { stopped_.set(); });
    const auto end = Clock::now() + patience;
    while (!rest_.empty()) {
        TRY_ASSIGN(const std::size_t written, write_some(rest_, end, stop));
        rest_.erase(0, written);
    }
    std::size_t total = 0;
    while (total < text.size()) {
        const auto written = write_some(text.substr(total), end, stop);
        if (!written && (total == 0 || written.error() == EPIPE)) return fail(written.error());
        if (!written) {
            rest_ = text.substr(total);
            break;
        }
        total += *written;
    }
    return {};
}

/// At least one byte, or why none could be written until `end`.
Result<std::size_t, int> BoundedOutput::write_some(std::string_view bytes, Clock::time_point end,
                                                   const std::stop_token& stop) {
    for (;;) {
        const auto written = write_once(bytes);
        if (written || written.error() == EPIPE) return written;
        if (!wait(written.error(), end, stop)) return written;
    }
}

Result<std::size_t, int> BoundedOutput::write_once(std::string_view bytes) const {
    if (kind_ == Kind::shared) {
        // What is writable takes so much without blocking (pipe(7)), unless another process that
        // shares it is faster.
        if (!is_writable(fd_)) return fail(EAGAIN);
        bytes = bytes.substr(0, PIPE_BUF);
    }
    for (;;) {
        const ssize_t written = kind_ == Kind::socket ? ::send(fd_, bytes.data(), bytes.size(),
                                                               MSG_DONTWAIT | MSG_NOSIGNAL)
                                                      : ::write(fd(), bytes.data(), bytes.size());
        if (written > 0) return static_cast<std::size_t>(written);
        if (written == 0) return fail(EAGAIN);
        if (errno != EINTR) return fail(int{errno});
    }
}

/// Until it is worth trying again. False at `end` or if a stop is requested.
bool BoundedOutput::wait(int error, Clock::time_point end, const std::stop_token& stop) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0 || stop.stop_requested()) return false;
    // After an error such as a full disk the descriptor is writable all the time.
    const bool waits_for_reader = error == EAGAIN;
    std::array wait{pollfd{stopped_.fd(), POLLIN, 0}, pollfd{fd(), POLLOUT, 0}};
    const int ready = ::poll(wait.data(), waits_for_reader ? 2 : 1, static_cast<int>(left.count()));
    if (stop.stop_requested()) return false;
    return ready != 0 || !waits_for_reader;
}

} // namespace minewarden
