// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/begins.h"
#include "rules/recognise/layer.h"

namespace minewarden::rules {

[[nodiscard]] Begins starts_socks(std::string_view bytes);

/// One direction of a SOCKS connection: version 5 (RFC 1928, password RFC 1929), 4 or 4A (memos of
/// their author). Skips greeting, authentication and CONNECT; feeds the rest to an inner stream.
class SocksLayer final : public Layer {
  public:
    SocksLayer(Exchange& exchange, int depth)
        : inner_(exchange, StreamStart::beginning, depth + 1) {}

    void feed(std::string_view bytes, Recognised& found) override;
    [[nodiscard]] bool wants_more() const override { return wants_more_ && inner_.wants_more(); }

  private:
    StreamLayer inner_;
    std::string preamble_;
    bool tunnel_ = false;
    bool wants_more_ = true;
};

} // namespace minewarden::rules
