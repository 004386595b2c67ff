// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <zmq.hpp>

namespace minewarden::agent {

/// Notices that the connection of a socket ended, which libzmq hides: it connects again by itself.
/// Throws zmq::error_t.
class DisconnectWatch {
  public:
    /// `watched` outlives it and was not connected yet.
    DisconnectWatch(zmq::context_t& context, zmq::socket_t& watched);

    /// To poll: readable when take() may be true.
    [[nodiscard]] void* handle() { return events_.handle(); }
    /// Whether a connection ended since the last call.
    bool take();

  private:
    zmq::socket_t events_;
};

} // namespace minewarden::agent
