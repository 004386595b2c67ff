// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/net/line_server.h"

#include "tests/lab/net/socket.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <utility>

namespace minewarden::lab {
namespace {

/// Reserves descriptors for everything else, so that accept() never fails for lack of descriptors.
std::size_t client_limit() {
    constexpr std::size_t wanted = 4096;
    constexpr std::size_t reserve = 32;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 64;
    const auto allowed = static_cast<std::size_t>(limit.rlim_cur);
    return std::min(wanted, allowed > reserve * 2 ? allowed - reserve : reserve);
}

} // namespace

LineServer::LineServer(Fd listener, LoopbackAddress address)
    : listener_(std::move(listener)), address_(address), maximum_clients_(client_limit()) {
}

Result<LineServer> LineServer::listen(const LoopbackAddress& address) {
    auto listener = listen_on(address);
    if (!listener) return fail(std::move(listener).error());
    auto bound = LoopbackAddress::of_socket(listener->get());
    if (!bound) return fail(std::move(bound).error());
    return LineServer(std::move(*listener), *bound);
}

void LineServer::run(LineHandler& handler, const Stop& stop, std::chrono::milliseconds tick) {
    const bool ticks = tick.count() > 0;
    SteadyTime next = ticks ? std::chrono::steady_clock::now() + tick : SteadyTime::max();
    std::vector<ClientId> readable;
    while (!stop.requested()) {
        bool acceptable = false;
        wait(stop, next, readable, acceptable);
        for (const ClientId id : readable) {
            const auto found = clients_.find(id);
            if (found != clients_.end()) read_from(id, found->second, handler);
        }
        if (acceptable) accept_all(handler);
        if (ticks && std::chrono::steady_clock::now() >= next) {
            push_to_all(handler);
            next += tick;
        }
        remove_dropped(handler);
    }
    for (auto& [id, client] : clients_) client.drop_reason = "the server stops";
    remove_dropped(handler);
}

void LineServer::wait(const Stop& stop, SteadyTime next, std::vector<ClientId>& readable,
                      bool& acceptable) {
    std::vector<pollfd> fds{{stop.fd(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    std::vector<ClientId> ids;
    for (const auto& [id, client] : clients_) {
        const int events = client.unsent.empty() ? POLLIN : POLLIN | POLLOUT;
        fds.push_back({client.fd.get(), static_cast<short>(events), 0});
        ids.push_back(id);
    }
    readable.clear();
    if (::poll(fds.data(), fds.size(), stop.poll_timeout(next)) <= 0) return;
    acceptable = fds[1].revents != 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const short events = fds[i + 2].revents;
        if ((events & POLLOUT) != 0) send_to(clients_.at(ids[i]), {});
        if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) readable.push_back(ids[i]);
    }
}

void LineServer::accept_all(LineHandler& handler) {
    for (;;) {
        Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!fd) return;
        const auto peer = LoopbackAddress::of_peer(fd.get());
        if (!peer || clients_.size() >= maximum_clients_) continue;
        send_without_delay(fd.get());
        const ClientId id = ++last_id_;
        clients_[id].fd = std::move(fd);
        handler.opened(id, *peer);
    }
}

void LineServer::read_from(ClientId id, Client& client, LineHandler& handler) {
    if (!client.drop_reason.empty()) return;
    std::string bytes;
    const ReadStatus status = read_some(client.fd.get(), bytes);
    const bool fits = client.lines.append(bytes);
    if (!fits) {
        client.drop_reason = "a line is too long";
        return;
    }
    while (const auto line = client.lines.next()) {
        const Answer answer = handler.on_line(id, *line);
        send_to(client, answer.bytes);
        if (client.drop_reason.empty()) client.drop_reason = answer.drop_reason;
        if (!client.drop_reason.empty()) return;
    }
    if (status == ReadStatus::closed) client.drop_reason = "closed by the client";
}

void LineServer::send_to(Client& client, std::string_view bytes) {
    client.unsent += bytes;
    while (!client.unsent.empty()) {
        const ssize_t put =
            ::send(client.fd.get(), client.unsent.data(), client.unsent.size(), MSG_NOSIGNAL);
        if (put > 0) {
            client.unsent.erase(0, static_cast<std::size_t>(put));
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            client.drop_reason = "closed by the client";
            return;
        }
    }
    if (client.unsent.size() > maximum_unsent) client.drop_reason = "the client does not read";
}

void LineServer::push_to_all(LineHandler& handler) {
    handler.begin_tick();
    for (auto& [id, client] : clients_) send_to(client, handler.push(id));
}

void LineServer::remove_dropped(LineHandler& handler) {
    for (auto client = clients_.begin(); client != clients_.end();) {
        if (client->second.drop_reason.empty()) {
            ++client;
            continue;
        }
        handler.closed(client->first, client->second.drop_reason);
        client = clients_.erase(client);
    }
}

} // namespace minewarden::lab
