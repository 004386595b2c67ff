// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/http_body.h"
#include "rules/recognise/http_head.h"
#include "rules/recognise/layer.h"

namespace minewarden::rules {

/// One direction of an HTTP/1 connection. Looks for work calls in the bodies. After CONNECT it
/// feeds an inner stream, after an upgrade a WebSocket. Stops after a few other requests, so that
/// ordinary web traffic costs little.
class HttpLayer final : public Layer {
  public:
    HttpLayer(Exchange& exchange, int depth) : exchange_(exchange), depth_(depth) {}

    void feed(std::string_view bytes, Recognised& found) override;
    [[nodiscard]] bool wants_more() const override {
        return wants_more_ && (!inner_ || inner_->wants_more());
    }

  private:
    enum class Part { head, body };
    enum class BodyStart { unread, says_nothing, recognised };

    /// These consume bytes from the front of `bytes`.
    void take_head(std::string_view& bytes, Recognised& found);
    void take_body(std::string_view& bytes, Recognised& found);
    void begin_request(Recognised& found);
    void begin_response();
    void end_body(Recognised& found) const;
    void read_body_start(Recognised& found);
    bool read_call(std::string_view text, Recognised& found) const;
    void tunnel();

    Exchange& exchange_; ///< outlives this
    int depth_;
    Part part_ = Part::head;
    std::string head_text_;
    HttpHead head_;
    HttpBody body_;
    BodyStart body_start_ = BodyStart::unread;
    std::unique_ptr<Layer> inner_; ///< of a tunnel
    bool wants_more_ = true;
    int foreign_requests_ = 0; ///< number of requests so far unrelated to mining
};

} // namespace minewarden::rules
