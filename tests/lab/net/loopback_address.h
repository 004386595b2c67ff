// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace minewarden::lab {

/// A TCP address on this host's loopback. No other address can be put into one, and sockets are
/// made from nothing else: the lab cannot talk to another machine.
class LoopbackAddress {
  public:
    /// Accepts 127.a.b.c:PORT and [::1]:PORT. Names are never looked up. The error is of kind
    /// usage.
    static Result<LoopbackAddress> parse(std::string_view text);

    /// What the kernel says a socket is bound or connected to; an error unless it is loopback.
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
