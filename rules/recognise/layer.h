// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/node_handshake.h"
#include "rules/recognise/stratum.h"
#include "rules/recognise/stream_start.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::rules {

/// What the innermost layers found.
struct Recognised {
    std::vector<StratumMessage> messages;
    std::vector<NodeHandshake> handshakes;
};

/// What both directions of a connection have to know of each other.
struct Exchange {
    bool tunnel_asked = false;     ///< an HTTP CONNECT was sent
    bool upgrade_asked = false;    ///< to WebSocket
    bool stratum_v2_asked = false; ///< a miner set up a connection
};

/// One direction of a connection, seen through one protocol. Transports unwrap their bytes and feed
/// a StreamLayer one level deeper; the innermost layers recognise. Bytes come in order, in pieces
/// of any size, and no layer keeps more than one message of at most JsonLine::maximum_bytes.
class Layer {
  public:
    Layer() = default;
    Layer(const Layer&) = delete;
    Layer& operator=(const Layer&) = delete;
    virtual ~Layer() = default;

    virtual void feed(std::string_view bytes, Recognised& found) = 0;
    /// False once nothing more can be found here.
    [[nodiscard]] virtual bool is_hopeful() const = 0;
};

/// A stream whose protocol its first bytes tell: JSON lines, Stratum V2, a peer-to-peer
/// handshake, SOCKS or HTTP, and inside the last two another stream. At most this many streams are
/// within each other.
class StreamLayer final : public Layer {
  public:
    static constexpr int maximum_depth = 4;

    StreamLayer(Exchange& exchange, StreamStart start, int depth = 0)
        : exchange_(exchange), start_(start), depth_(depth) {}

    void feed(std::string_view bytes, Recognised& found) override;
    [[nodiscard]] bool is_hopeful() const override;

  private:
    bool detect(Recognised& found);

    Exchange& exchange_; ///< outlives this
    StreamStart start_;
    int depth_;
    std::string begin_; ///< the bytes so far, until they tell
    std::unique_ptr<Layer> layer_;
    bool hopeful_ = true;
};

[[nodiscard]] std::unique_ptr<Layer> make_json_layer(StreamStart start);

} // namespace minewarden::rules
