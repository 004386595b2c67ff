// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/door/relay.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace minewarden::collector {
namespace {

/// Reads per call, so that one connection does not hold up the others.
constexpr int most_reads = 4;

bool is_temporary(int error) {
    return error == EAGAIN || error == EINTR || error == ENOTCONN || error == EINPROGRESS;
}

} // namespace

Relay::Relay(Fd outer, Fd inner, PeerAddress address, std::uint32_t number, Time now)
    : outer_(std::move(outer)),
      inner_(std::move(inner)),
      address_(address),
      number_(number),
      opened_(now) {
}

void Relay::pump(std::span<char> buffer, bool may_read_outer, Time now) {
    const bool knew_its_end = up_.has_ended;
    for (int i = 0; outer_ && i < most_reads; ++i) {
        if (!may_read_outer && up_.waiting.empty() && !up_.has_ended) break;
        if (!copy(outer_.get(), inner_.get(), up_, buffer)) break;
    }
    for (int i = 0; outer_ && i < most_reads; ++i)
        if (!copy(inner_.get(), outer_.get(), down_, buffer)) break;
    if (has_outer_failed_) up_.has_ended = true;
    if (outer_ && up_.has_ended && !down_.has_ended) was_ended_by_peer_ = true;
    if (knew_its_end && has_outer_failed_ && outer_) close_outer();
    if (!outer_) drain(buffer);
    if (ended_ == Time{} && (up_.has_ended || down_.has_ended)) ended_ = now;
}

/// Writes what waits, otherwise reads and writes once. False if there is nothing to do now.
bool Relay::copy(int from, int to, Flow& flow, std::span<char> buffer) {
    std::span<const char> bytes = flow.waiting;
    if (bytes.empty() && flow.has_ended) {
        if (!std::exchange(flow.was_shut, true)) ::shutdown(to, SHUT_WR);
        return false;
    }
    if (bytes.empty()) {
        const ssize_t got = ::recv(from, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got < 0 && is_temporary(errno)) return false;
        if (got <= 0) {
            flow.has_ended = true;
            if (got < 0 && &flow == &up_) has_outer_failed_ = true;
            return false; // the next call tells the reader
        }
        bytes = buffer.first(static_cast<std::size_t>(got));
    }
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && !is_temporary(errno)) {
        flow.waiting.clear();
        // Reading the inner socket shows its end.
        (&flow == &up_ ? flow.has_ended : has_outer_failed_) = true;
        return false;
    }
    const auto left = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    flow.waiting = std::string(left.begin(), left.end());
    return left.empty();
}

/// Takes what libzmq still writes and drops it, until libzmq closes its side.
void Relay::drain(std::span<char> buffer) {
    for (int i = 0; i < most_reads && !down_.has_ended; ++i) {
        const ssize_t got = ::recv(inner_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got > 0) continue;
        if (got < 0 && is_temporary(errno)) return;
        down_.has_ended = true;
    }
}

std::uint32_t Relay::outer_interest(bool may_read_outer) const {
    std::uint32_t events = 0;
    if (may_read_outer && up_.waiting.empty() && !up_.has_ended) events |= EPOLLIN;
    if (!down_.waiting.empty()) events |= EPOLLOUT;
    return events;
}

std::uint32_t Relay::inner_interest() const {
    std::uint32_t events = 0;
    if (down_.waiting.empty() && !down_.has_ended) events |= EPOLLIN;
    if (!up_.waiting.empty()) events |= EPOLLOUT;
    return events;
}

void Relay::end(Time now) {
    close_outer();
    if (ended_ == Time{}) ended_ = now;
}

void Relay::close_outer() {
    outer_.reset();
    up_.has_ended = true;
    up_.waiting.clear();
    down_.waiting.clear();
    if (!std::exchange(up_.was_shut, true)) ::shutdown(inner_.get(), SHUT_WR);
}

bool Relay::is_over(Time now) const {
    if (down_.has_ended && down_.waiting.empty()) return true;
    return ended_ != Time{} && now - ended_ >= farewell;
}

} // namespace minewarden::collector
