// SPDX-License-Identifier: Apache-2.0
#include "common/text.h"
#include "rules/recognise/http.h"
#include "rules/recognise/json_lines.h"
#include "rules/recognise/layer.h"
#include "rules/recognise/socks.h"
#include "rules/recognise/stratum_v2.h"
#include "rules/recognise/websocket.h"

namespace minewarden::rules {
namespace {

/// JSON lines of any mining protocol.
class JsonLayer final : public Layer {
  public:
    explicit JsonLayer(StreamStart start) : lines_(start) {}

    void feed(std::string_view bytes, Recognised& found) override {
        for (JsonLine& line : lines_.feed(bytes)) {
            if (auto message = either_reading(line, recognise_line))
                found.messages.push_back(std::move(*message));
        }
    }
    [[nodiscard]] bool wants_more() const override { return lines_.wants_more(); }

  private:
    JsonLines lines_;
};

} // namespace

std::unique_ptr<Layer> make_json_layer(StreamStart start) {
    return std::make_unique<JsonLayer>(start);
}

bool StreamLayer::wants_more() const {
    return wants_more_ && (!layer_ || layer_->wants_more());
}

void StreamLayer::feed(std::string_view bytes, Recognised& found) {
    if (bytes.empty() || !wants_more()) return;
    if (layer_) {
        layer_->feed(bytes, found);
        return;
    }
    begin_ += bytes;
    if (detect(found)) {
        const std::string begin = std::move(begin_);
        begin_ = {};
        if (layer_) layer_->feed(begin, found);
    } else if (begin_.size() > JsonLine::maximum_bytes) {
        wants_more_ = false;
        begin_ = {};
    }
}

/// Returns true once decided: there is a layer, or nothing can be found.
bool StreamLayer::detect(Recognised& found) {
    const std::string_view json = trim(begin_);
    if (!json.empty() && json.front() == '{') {
        layer_ = make_json_layer(start_);
        return true;
    }
    if (json.empty()) return false;
    bool more = false;
    const auto decide = [&](bool may_be, bool is, auto make) {
        if (is) layer_ = make();
        more = more || (may_be && !is);
        return is;
    };
    if (depth_ < maximum_depth) {
        const auto http = starts_http(begin_);
        if (decide(http != Begins::no, http == Begins::yes, [&]() -> std::unique_ptr<Layer> {
                return std::make_unique<HttpLayer>(exchange_, depth_);
            }))
            return true;
        // In the middle of a connection the greeting is over.
        const auto socks = start_ == StreamStart::middle ? Begins::no : starts_socks(begin_);
        if (decide(socks != Begins::no, socks == Begins::yes, [&]() -> std::unique_ptr<Layer> {
                return std::make_unique<SocksLayer>(exchange_, depth_);
            }))
            return true;
    }
    const auto v2 = start_ == StreamStart::middle
                        ? Begins::no
                        : starts_stratum_v2(begin_, exchange_.stratum_v2_asked);
    if (decide(v2 != Begins::no, v2 == Begins::yes, [&]() -> std::unique_ptr<Layer> {
            return std::make_unique<StratumV2Layer>(exchange_);
        }))
        return true;
    if (start_ == StreamStart::middle) {
        const std::size_t at = find_stratum_v2_in_middle(begin_);
        if (at != begin_.npos) {
            begin_.erase(0, at);
            layer_ = std::make_unique<StratumV2Layer>(exchange_);
            return true;
        }
    }
    if (start_ == StreamStart::middle && starts_frame_in_middle(begin_)) {
        layer_ = std::make_unique<WebSocketLayer>(exchange_, depth_);
        return true;
    }
    if (start_ == StreamStart::middle && !more) {
        layer_ = make_json_layer(start_);
        return true;
    }
    NodeHandshake handshake;
    switch (start_ == StreamStart::middle ? HandshakeMatch::no
                                          : match_handshake(begin_, handshake)) {
    case HandshakeMatch::yes:
        found.handshakes.push_back(std::move(handshake));
        wants_more_ = false; // the rest is encrypted or not needed
        return true;
    case HandshakeMatch::more:
        more = true;
        break;
    case HandshakeMatch::no:
        break;
    }
    wants_more_ = more;
    return !more;
}

} // namespace minewarden::rules
