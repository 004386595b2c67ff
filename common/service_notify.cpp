// SPDX-License-Identifier: Apache-2.0
#include "common/service_notify.h"

#include "common/fd.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>

namespace minewarden {
namespace {

using Clock = std::chrono::steady_clock;

void send(std::string_view message) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    if (path == nullptr || (*path != '/' && *path != '@')) return;
    sockaddr_un address{};
    const std::size_t length = std::strlen(path);
    if (length >= sizeof(address.sun_path)) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path, length);
    if (*path == '@') address.sun_path[0] = '\0'; // abstract
    const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket) return;
    (void)::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL,
                   reinterpret_cast<const sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
}

std::chrono::microseconds watchdog_interval() {
    const char* text = std::getenv("WATCHDOG_USEC");
    std::int64_t microseconds = 0;
    if (text != nullptr) std::from_chars(text, text + std::strlen(text), microseconds);
    return std::chrono::microseconds(microseconds);
}

} // namespace

void notify_ready(std::string_view status) {
    std::string line(status);
    std::ranges::replace(line, '\n', ' '); // one value per line in the protocol
    send(fmt::format("READY=1\nSTATUS={}", line));
}

void notify_reloading() {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        Clock::now().time_since_epoch()); // CLOCK_MONOTONIC, required since systemd 253
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.count()));
}

void notify_stopping() {
    send("STOPPING=1");
}

void notify_watchdog() {
    static const std::chrono::microseconds interval = watchdog_interval();
    static Clock::time_point last;
    if (interval.count() <= 0) return;
    const auto now = Clock::now();
    if (now - last < interval / 4) return;
    last = now;
    send("WATCHDOG=1");
}

} // namespace minewarden
