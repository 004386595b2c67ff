// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/self_test.h"

#include "collector/intake/curve_socket.h"

#include <fmt/core.h>

#include <chrono>
#include <cstring>
#include <optional>

namespace minewarden::collector {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{5};
constexpr const char* monitor_endpoint = "inproc://self-test-monitor";
constexpr int handshake_events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                 ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;

/// Reads the next handshake event: a frame with event and value, and one with the address.
std::optional<int> next_event(zmq::socket_t& monitor, std::chrono::milliseconds timeout) {
    zmq_pollitem_t item{monitor.handle(), 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&item, 1, timeout.count()) <= 0) return std::nullopt;
    zmq::message_t event;
    zmq::message_t address;
    std::uint16_t kind = 0;
    if (!monitor.recv(event) || !monitor.recv(address) || event.size() < sizeof kind)
        return std::nullopt;
    std::memcpy(&kind, event.data(), sizeof kind);
    return kind;
}

Result<void> try_to_get_in(zmq::context_t& context, const std::string& endpoint,
                           const CurvePublicKey& collector) {
    const CurveKeyPair stranger = CurveKeyPair::generate();
    zmq::socket_t client(context, zmq::socket_type::dealer);
    client.set(zmq::sockopt::linger, 0);
    client.set(zmq::sockopt::ipv6, true);
    client.set(zmq::sockopt::reconnect_ivl, -1); // one attempt
    be_curve_client(client, stranger, collector);
    if (zmq_socket_monitor(client.handle(), monitor_endpoint, handshake_events) != 0)
        throw zmq::error_t();
    zmq::socket_t monitor(context, zmq::socket_type::pair);
    monitor.set(zmq::sockopt::linger, 0);
    monitor.connect(monitor_endpoint);
    client.connect(endpoint);

    const auto deadline = Clock::now() + patience;
    while (Clock::now() < deadline) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        const auto event = next_event(monitor, left);
        if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) return {};
        if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            return fail(ErrorKind::internal,
                        fmt::format("self-test: {} accepted a key that is not enrolled", endpoint));
    }
    return fail(ErrorKind::internal,
                fmt::format("self-test: {} did not refuse an unenrolled key within {} s", endpoint,
                            patience.count()));
}

} // namespace

Result<void> prove_that_unknown_keys_are_refused(zmq::context_t& context,
                                                 const std::string& endpoint,
                                                 const CurvePublicKey& collector) {
    try {
        return try_to_get_in(context, endpoint, collector);
    } catch (const zmq::error_t& error) {
        return fail(ErrorKind::internal, fmt::format("self-test: {}: {}", endpoint, error.what()));
    }
}

} // namespace minewarden::collector
