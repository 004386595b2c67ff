// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/ip_address.h"
#include "common/result.h"

#include <string>
#include <string_view>

namespace minewarden {

/// Where a collector listens: tcp://ADDRESS:PORT, with an IPv6 address in brackets, or ipc://PATH.
/// Never a name, because agents resolve none.
struct Endpoint {
    std::string text; ///< as ZeroMQ takes it
    /// The socket needs ZMQ_IPV6 to connect to or bind it. Do not set that for IPv4: it would turn
    /// the addresses into mapped ones.
    bool is_ipv6 = false;
};

enum class EndpointUse {
    connect,
    listen, ///< also tcp://*:PORT, and * or 0 for any free port
};

/// An error (kind config) says what is wrong, without naming the setting. What cannot work is
/// refused here, because libzmq accepts much of it and then never connects.
Result<Endpoint> parse_endpoint(std::string_view text, EndpointUse use);

} // namespace minewarden
