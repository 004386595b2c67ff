// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/layer.h"

#include <array>

namespace minewarden::rules {

/// For bytes from the middle of a connection: true if they are a whole text or binary frame whose
/// payload begins an object.
[[nodiscard]] bool starts_frame_in_middle(std::string_view bytes);

/// One direction of a WebSocket connection after the upgrade (RFC 6455). Unmasks the payload of
/// data frames and feeds it to an inner stream. Stops at a frame with an extension (compression),
/// which it cannot read.
class WebSocketLayer final : public Layer {
  public:
    WebSocketLayer(Exchange& exchange, int depth)
        : inner_(exchange, StreamStart::beginning, depth + 1) {}

    void feed(std::string_view bytes, Recognised& found) override;
    [[nodiscard]] bool wants_more() const override { return wants_more_ && inner_.wants_more(); }

  private:
    bool take_header();

    StreamLayer inner_;
    std::string header_;        ///< of the next frame, possibly incomplete
    std::uint64_t payload_ = 0; ///< bytes left of the current frame
    bool data_ = false;         ///< the current frame carries data, not control
    bool masked_ = false;
    std::array<char, 4> mask_{};
    std::size_t mask_at_ = 0;
    bool wants_more_ = true;
};

} // namespace minewarden::rules
