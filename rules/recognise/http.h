// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/http_body.h"
#include "rules/recognise/http_head.h"
#include "rules/recognise/layer.h"

namespace minewarden::rules {

/// One direction of an HTTP/1 connection: work calls in the bodies, one after the other; after
/// CONNECT an inner stream, after an upgrade WebSocket. Ends the hope at a request that is none of
/// these, so ordinary web traffic is dropped at its first head.
class HttpLayer final : public Layer {
  public:
    HttpLayer(Exchange& exchange, int depth) : exchange_(exchange), depth_(depth) {}

    void feed(std::string_view bytes, Recognised& found) override;
    [[nodiscard]] bool is_hopeful() const override {
        return hopeful_ && (!inner_ || inner_->is_hopeful());
    }

  private:
    enum class Part { head, body };
    enum class Begin { unread, says_nothing, recognised };

    /// Each takes from the front of `bytes`.
    void take_head(std::string_view& bytes, Recognised& found);
    void take_body(std::string_view& bytes, Recognised& found);
    void begin_request(Recognised& found);
    void begin_response();
    void end_body(Recognised& found) const;
    void read_begin_of_body(Recognised& found);
    bool read_call(std::string_view text, Recognised& found) const;
    void tunnel();

    Exchange& exchange_; ///< outlives this
    int depth_;
    Part part_ = Part::head;
    std::string head_text_;
    HttpHead head_;
    HttpBody body_;
    Begin begin_of_body_ = Begin::unread;
    std::unique_ptr<Layer> inner_; ///< of a tunnel
    bool hopeful_ = true;
    int foreign_requests_ = 0; ///< so far that have nothing to do with mining
};

} // namespace minewarden::rules
