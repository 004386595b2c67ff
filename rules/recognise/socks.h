// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/begins.h"
#include "rules/recognise/layer.h"

namespace minewarden::rules {

[[nodiscard]] Begins starts_socks(std::string_view bytes);

/// One direction of a SOCKS connection, of version 5 (RFC 1928, user name and password by RFC 1929)
/// or 4 and 4A (their author's memos): either end's greeting, authentication and CONNECT are passed
/// over, what follows is an inner stream.
class SocksLayer final : public Layer {
  public:
    SocksLayer(Exchange& exchange, int depth)
        : inner_(exchange, StreamStart::beginning, depth + 1) {}

    void feed(std::string_view bytes, Recognised& found) override;
    [[nodiscard]] bool is_hopeful() const override { return hopeful_ && inner_.is_hopeful(); }

  private:
    StreamLayer inner_;
    std::string preamble_;
    bool tunnel_ = false;
    bool hopeful_ = true;
};

} // namespace minewarden::rules
