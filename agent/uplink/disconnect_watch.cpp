// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/disconnect_watch.h"

#include <fmt/core.h>

#include <atomic>

namespace minewarden::agent {
namespace {

/// A monitor needs a name that no other one of the process has.
std::string next_name() {
    static std::atomic<unsigned> count{0};
    return fmt::format("inproc://disconnects-{}", ++count);
}

} // namespace

DisconnectWatch::DisconnectWatch(zmq::context_t& context, zmq::socket_t& watched)
    : events_(context, zmq::socket_type::pair) {
    const std::string name = next_name();
    if (zmq_socket_monitor(watched.handle(), name.c_str(), ZMQ_EVENT_DISCONNECTED) != 0)
        throw zmq::error_t();
    events_.set(zmq::sockopt::linger, 0);
    events_.connect(name);
}

bool DisconnectWatch::take() {
    // Only this one event is asked for, so its frames need not be read.
    bool ended = false;
    zmq::message_t frame;
    while (events_.recv(frame, zmq::recv_flags::dontwait)) ended = true;
    return ended;
}

} // namespace minewarden::agent
