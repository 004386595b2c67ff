// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/mining_message.h"
#include "rules/recognise/node_handshake.h"
#include "rules/recognise/stream_start.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::rules {

/// Results of the innermost layers.
struct Recognised {
    std::vector<MiningMessage> messages;
    std::vector<NodeHandshake> handshakes;
};

/// State shared by both directions of a connection.
struct Exchange {
    bool tunnel_asked = false;     ///< an HTTP CONNECT was sent
    bool upgrade_asked = false;    ///< to WebSocket
    bool stratum_v2_asked = false; ///< a miner sent SetupConnection
};

/// A parser of one protocol in one direction of a connection. A transport layer unwraps the bytes
/// and feeds a StreamLayer one level deeper; the innermost layer recognises messages. Bytes come in
/// order, in pieces of any size. A layer keeps at most one message of JsonLine::maximum_bytes.
class Layer {
  public:
    Layer() = default;
    Layer(const Layer&) = delete;
    Layer& operator=(const Layer&) = delete;
    virtual ~Layer() = default;

    virtual void feed(std::string_view bytes, Recognised& found) = 0;
    /// False once this layer cannot find anything more.
    [[nodiscard]] virtual bool wants_more() const = 0;
};

/// Detects the protocol of a stream from its first bytes: JSON lines, Stratum V2, a peer-to-peer
/// handshake, SOCKS or HTTP. SOCKS and HTTP can contain another stream, up to `maximum_depth`
/// levels.
class StreamLayer final : public Layer {
  public:
    static constexpr int maximum_depth = 4;

    StreamLayer(Exchange& exchange, StreamStart start, int depth = 0)
        : exchange_(exchange), start_(start), depth_(depth) {}

    void feed(std::string_view bytes, Recognised& found) override;
    [[nodiscard]] bool wants_more() const override;

  private:
    bool detect(Recognised& found);

    Exchange& exchange_; ///< outlives this
    StreamStart start_;
    int depth_;
    std::string begin_; ///< the bytes so far, until the protocol is known
    std::unique_ptr<Layer> layer_;
    bool wants_more_ = true;
};

[[nodiscard]] std::unique_ptr<Layer> make_json_layer(StreamStart start);

} // namespace minewarden::rules
