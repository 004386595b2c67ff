// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace minewarden::lab {

/// A TCP address on this host's loopback. It cannot hold another address, and sockets are only
/// created from it, so the lab cannot talk to another machine.
class LoopbackAddress {
  public:
    /// Accepts 127.a.b.c:PORT and [::1]:PORT. Never looks up names. Errors: usage.
    static Result<LoopbackAddress> parse(std::string_view text);

    /// The address that a socket is bound or connected to. An error if it is not loopback.
    static Result<LoopbackAddress> of_socket(int fd);
    static Result<LoopbackAddress> of_peer(int fd);

    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage_);
    }
    [[nodiscard]] socklen_t size() const { return size_; }
    [[nodiscard]] int family() const { return storage_.ss_family; }
    [[nodiscard]] std::uint16_t port() const;
    /// In the form that parse() accepts.
    [[nodiscard]] std::string text() const;

  private:
    LoopbackAddress() = default;
    static Result<LoopbackAddress> from_kernel(int status, const sockaddr_storage& storage,
                                               socklen_t size);

    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

} // namespace minewarden::lab
