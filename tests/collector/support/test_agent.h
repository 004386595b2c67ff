// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/keys/curve_key.h"

#include <chrono>
#include <minewarden.pb.h>
#include <optional>
#include <string>
#include <zmq.hpp>

namespace minewarden::test {

/// Sends any message to a collector, valid or not.
class TestAgent {
  public:
    /// Connects with CURVE, or without encryption, as `security` says.
    enum class Security { curve, none };
    TestAgent(const std::string& endpoint, const CurvePublicKey& collector,
              CurveKeyPair keys = CurveKeyPair::generate(), Security security = Security::curve);

    [[nodiscard]] const CurvePublicKey& key() const { return keys_.public_key(); }
    /// Closes the connection and opens a new one.
    void reconnect();

    void send(const wire::FromAgent& message);
    void send_bytes(std::string_view bytes);
    void send_frames(std::initializer_list<std::string_view> frames);
    /// Sends Hello for a stream. Returns the Welcome, if any.
    std::optional<wire::Welcome> greet(const StreamId& stream,
                                       std::chrono::milliseconds timeout = std::chrono::seconds(5));
    std::optional<wire::FromCollector>
    receive(std::chrono::milliseconds timeout = std::chrono::seconds(5));
    /// Waits until everything up to `sequence` is acknowledged.
    bool await_ack(std::uint64_t sequence,
                   std::chrono::milliseconds timeout = std::chrono::seconds(20));
    /// The next event of the handshake (ZMQ_EVENT_HANDSHAKE_..., or ZMQ_EVENT_DISCONNECTED).
    std::optional<int> await_event(std::chrono::milliseconds timeout = std::chrono::seconds(5));

  private:
    void open();

    std::string endpoint_;
    CurvePublicKey collector_;
    CurveKeyPair keys_;
    Security security_;
    zmq::context_t context_;
    zmq::socket_t monitor_;
    zmq::socket_t socket_;
};

} // namespace minewarden::test
