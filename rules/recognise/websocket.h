// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/layer.h"

#include <array>

namespace minewarden::rules {

/// From the middle of a connection: a whole text or binary frame whose payload begins an object.
[[nodiscard]] bool starts_frame_in_middle(std::string_view bytes);

/// One direction of a WebSocket connection after the upgrade (RFC 6455): the payload of its data
/// frames, unmasked and put together, is an inner stream. A frame with an extension (compression)
/// cannot be read and ends the hope.
class WebSocketLayer final : public Layer {
  public:
    WebSocketLayer(Exchange& exchange, int depth)
        : inner_(exchange, StreamStart::beginning, depth + 1) {}

    void feed(std::string_view bytes, Recognised& found) override;
    [[nodiscard]] bool is_hopeful() const override { return hopeful_ && inner_.is_hopeful(); }

  private:
    bool take_header();

    StreamLayer inner_;
    std::string header_;        ///< of the next frame, as far as it came
    std::uint64_t payload_ = 0; ///< bytes left of the current frame
    bool data_ = false;         ///< the current frame carries data, not control
    bool masked_ = false;
    std::array<char, 4> mask_{};
    std::size_t mask_at_ = 0;
    bool hopeful_ = true;
};

} // namespace minewarden::rules
