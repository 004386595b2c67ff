// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/begins.h"
#include "rules/recognise/layer.h"

namespace minewarden::rules {

/// SetupConnection for mining, which a miner says first; if the other end has said it (`asked`),
/// its answer as well.
[[nodiscard]] Begins starts_stratum_v2(std::string_view bytes, bool asked);

/// Where in bytes from the middle of a connection a share, its acceptance or a new block's frame
/// begins, told by its header and by fields that a Bitcoin block has; npos if there is none.
[[nodiscard]] std::size_t find_stratum_v2_in_middle(std::string_view bytes);

/// One direction of Stratum V2 without its encryption, which the specification leaves out on a
/// network of one's own (stratumprotocol.org/specification, 3.2 framing, 5.3 and 8 messages). Fed
/// from the first byte of a frame.
class StratumV2Layer final : public Layer {
  public:
    explicit StratumV2Layer(Exchange& exchange) : exchange_(exchange) {}

    void feed(std::string_view bytes, Recognised& found) override;
    [[nodiscard]] bool wants_more() const override { return wants_more_; }

  private:
    bool take_header(Recognised& found);

    Exchange& exchange_;   ///< outlives this
    std::string header_;   ///< of the next frame, as far as it came
    std::size_t skip_ = 0; ///< bytes left of the current frame
    bool wants_more_ = true;
};

} // namespace minewarden::rules
