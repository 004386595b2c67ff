// SPDX-License-Identifier: Apache-2.0
#include "collector/api/unix_socket.h"

#include "common/file.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace minewarden::collector {
namespace {

Error cannot_listen(const std::filesystem::path& path, int errno_value) {
    return system_error(ErrorKind::config, fmt::format("cannot listen on {}", path.string()),
                        errno_value);
}

Fd new_socket() {
    return Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

const sockaddr* as_sockaddr(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

std::optional<sockaddr_un> address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path) return std::nullopt;
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    return address;
}

/// Removes the socket of a dead collector.
Result<void> clear_stale(const std::filesystem::path& path, const sockaddr_un& address) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return {};
    if (!S_ISSOCK(status.st_mode))
        return fail(ErrorKind::config,
                    fmt::format("cannot listen on {}: it is not a socket", path.string()));
    const Fd probe = new_socket();
    if (::connect(probe.get(), as_sockaddr(address), sizeof address) == 0 || errno == EAGAIN)
        return fail(
            ErrorKind::config,
            fmt::format("cannot listen on {}: another collector answers there", path.string()));
    if (errno != ECONNREFUSED) return fail(cannot_listen(path, errno));
    if (::unlink(path.c_str()) != 0) return fail(cannot_listen(path, errno));
    return {};
}

} // namespace

Result<Fd> listen_on_unix_socket(const std::filesystem::path& path, mode_t mode) {
    const auto address = address_of(path);
    if (!address)
        return fail(ErrorKind::config, fmt::format("the path of the socket {} is too long: at most "
                                                   "{} bytes",
                                                   path.string(), sizeof address->sun_path - 1));
    TRY(make_directory(path.parent_path(), 0755));
    TRY(clear_stale(path, *address));
    Fd socket = new_socket();
    // Before bind, so that the file never has a wider mode; after it, because of the umask.
    if (!socket || ::fchmod(socket.get(), mode) != 0 ||
        ::bind(socket.get(), as_sockaddr(*address), sizeof *address) != 0 ||
        ::chmod(path.c_str(), mode) != 0 || ::listen(socket.get(), SOMAXCONN) != 0)
        return fail(cannot_listen(path, errno));
    return socket;
}

} // namespace minewarden::collector
