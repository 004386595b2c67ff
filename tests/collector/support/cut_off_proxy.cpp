// SPDX-License-Identifier: Apache-2.0
#include "tests/collector/support/cut_off_proxy.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <poll.h>
#include <stdexcept>
#include <string_view>

namespace minewarden::test {
namespace {

/// The text of the statement in the server's protocol.
constexpr std::string_view commit_message{"COMMIT\0", 7};
constexpr const char* socket_name = ".s.PGSQL.5432";
constexpr int look_again_ms = 20;

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw std::length_error(path);
    path.copy(address.sun_path, path.size());
    return address;
}

bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

} // namespace

CutOffProxy::CutOffProxy(std::string directory)
    : server_socket_(directory + "/" + socket_name),
      listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_un address = address_of((directory_.path() / socket_name).string());
    if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), 16) != 0)
        throw std::runtime_error("cannot listen");
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

CutOffProxy::~CutOffProxy() {
    thread_.request_stop();
    thread_.join();
}

std::string CutOffProxy::uri(const std::string& database) const {
    return fmt::format("postgresql:///{}?host={}&user=postgres", database,
                       directory_.path().string());
}

void CutOffProxy::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::vector<pollfd> items{{listener_.get(), POLLIN, 0}};
        for (const Pair& pair : pairs_) {
            items.push_back({pair.client.get(), POLLIN, 0});
            items.push_back({pair.server.get(), POLLIN, 0});
        }
        if (cut_ == Cut::silence) items.resize(1);
        if (::poll(items.data(), items.size(), look_again_ms) <= 0) continue;
        std::vector<Pair> kept;
        for (std::size_t i = 0; i < pairs_.size(); ++i) {
            const bool is_polled = items.size() > 2 * i + 2;
            bool is_open = true;
            if (is_polled && items[2 * i + 1].revents != 0) is_open = pass_on(pairs_[i], true);
            if (is_open && is_polled && items[2 * i + 2].revents != 0)
                is_open = pass_on(pairs_[i], false);
            if (is_open) kept.push_back(std::move(pairs_[i]));
        }
        pairs_ = std::move(kept);
        if (items[0].revents != 0) accept_one();
    }
}

void CutOffProxy::accept_one() {
    Pair pair{Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)),
              Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))};
    const sockaddr_un address = address_of(server_socket_);
    // Without a server, closes the client too.
    if (::connect(pair.server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
        0)
        pairs_.push_back(std::move(pair));
}

bool CutOffProxy::pass_on(Pair& pair, bool from_client) {
    std::array<char, std::size_t{64} << 10> buffer{};
    const auto size =
        ::recv((from_client ? pair.client : pair.server).get(), buffer.data(), buffer.size(), 0);
    if (size <= 0) return false;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
    if (!from_client && pair.is_committing) {
        ++cuts_;
        return false;
    }
    const bool has_commit = from_client && bytes.find(commit_message) != std::string_view::npos;
    if (has_commit && cut_ == Cut::before_commit) {
        cut_ = Cut::none;
        ++cuts_;
        return false;
    }
    if (has_commit && cut_ == Cut::after_commit) {
        cut_ = Cut::none;
        pair.is_committing = true;
    }
    return send_all((from_client ? pair.server : pair.client).get(), bytes);
}

} // namespace minewarden::test
