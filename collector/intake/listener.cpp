// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/listener.h"

#include "collector/intake/curve_socket.h"
#include "collector/intake/gate.h"
#include "collector/intake/message_reader.h"
#include "common/text.h"

#include <fmt/core.h>

namespace minewarden::collector {
namespace {

/// The queue of one connection holds at most this many messages of maximum_message. An agent that
/// obeys its credit stays far below.
constexpr int receive_queue = 8;
/// Answers are small, and each replaces the previous one, so losing some does no harm.
constexpr int send_queue = 64;
/// Of each connection in the kernel. Larger ones let a few large messages hold up the other
/// connections, because libzmq reads and decrypts in one thread.
constexpr int receive_buffer = 256 << 10;
constexpr int handshake_ms = 5000;
constexpr int heartbeat_ms = 5000;
constexpr int heartbeat_timeout_ms = 20000;
/// libzmq disconnects a sender of larger messages. A message between the two limits gets an answer.
constexpr std::int64_t cut_off = std::int64_t{maximum_message} + (1 << 20);
constexpr int backlog = 1024;

void configure(zmq::socket_t& socket, const CurveKeyPair& keys) {
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::backlog, backlog);
    socket.set(zmq::sockopt::maxmsgsize, cut_off);
    socket.set(zmq::sockopt::rcvbuf, receive_buffer);
    socket.set(zmq::sockopt::rcvhwm, receive_queue);
    socket.set(zmq::sockopt::sndhwm, send_queue);
    socket.set(zmq::sockopt::handshake_ivl, handshake_ms);
    socket.set(zmq::sockopt::heartbeat_ivl, heartbeat_ms);
    socket.set(zmq::sockopt::heartbeat_timeout, heartbeat_timeout_ms);
    // An agent must not take over another connection by using its routing id.
    socket.set(zmq::sockopt::router_handover, false);
    socket.set(zmq::sockopt::router_mandatory, true);
    socket.set(zmq::sockopt::zap_domain, "minewarden");
    be_curve_server(socket, keys);
    const int failures = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;
    if (zmq_socket_monitor(socket.handle(), Gate::monitor_endpoint, failures) != 0)
        throw zmq::error_t();
}

std::string text_of(int zmq_error) {
    return zmq_error < ZMQ_HAUSNUMERO ? errno_text(zmq_error) : zmq_strerror(zmq_error);
}

} // namespace

Result<Endpoint> listening_endpoint(const std::string& text) {
    auto endpoint = parse_endpoint(text, EndpointUse::listen);
    if (!endpoint)
        return fail(ErrorKind::config,
                    fmt::format("collector.listen is \"{}\": {}", escape_for_terminal(text),
                                endpoint.error().message));
    return endpoint;
}

Result<Listener> listen(zmq::context_t& context, const std::vector<std::string>& endpoints,
                        const CurveKeyPair& keys) {
    std::vector<Endpoint> parsed;
    for (const std::string& text : endpoints) {
        TRY_ASSIGN(auto endpoint, listening_endpoint(text));
        parsed.push_back(std::move(endpoint));
    }
    try {
        Listener listener{zmq::socket_t(context, zmq::socket_type::router), {}};
        configure(listener.socket, keys);
        for (const Endpoint& endpoint : parsed) {
            listener.socket.set(zmq::sockopt::ipv6, endpoint.is_ipv6);
            if (zmq_bind(listener.socket.handle(), endpoint.text.c_str()) != 0)
                return fail(ErrorKind::config, fmt::format("cannot listen on {}: {}", endpoint.text,
                                                           text_of(zmq_errno())));
            listener.endpoints.push_back(listener.socket.get(zmq::sockopt::last_endpoint));
        }
        return listener;
    } catch (const zmq::error_t& error) {
        return fail(ErrorKind::internal, fmt::format("ZeroMQ: {}", text_of(error.num())));
    }
}

} // namespace minewarden::collector
