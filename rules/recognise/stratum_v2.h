// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/begins.h"
#include "rules/recognise/layer.h"

namespace minewarden::rules {

/// Recognises SetupConnection for mining, the first message of a miner. If the other end sent it
/// (`asked`), recognises the answer too.
[[nodiscard]] Begins starts_stratum_v2(std::string_view bytes, bool asked);

/// Finds the frame of a share or a new block in bytes from the middle of a connection, by its
/// header and the fields of a Bitcoin block. Returns npos if there is none.
[[nodiscard]] std::size_t find_stratum_v2_in_middle(std::string_view bytes);

/// One direction of unencrypted Stratum V2, which the specification allows on private networks
/// (stratumprotocol.org/specification, 3.2 framing, 5.3 and 8 messages). REQUIRES: the first bytes
/// fed begin a frame.
class StratumV2Layer final : public Layer {
  public:
    explicit StratumV2Layer(Exchange& exchange) : exchange_(exchange) {}

    void feed(std::string_view bytes, Recognised& found) override;
    [[nodiscard]] bool wants_more() const override { return wants_more_; }

  private:
    bool take_header(Recognised& found);

    Exchange& exchange_;   ///< outlives this
    std::string header_;   ///< of the next frame, possibly incomplete
    std::size_t skip_ = 0; ///< bytes left of the current frame
    bool wants_more_ = true;
};

} // namespace minewarden::rules
