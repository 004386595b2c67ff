// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/begins.h"
#include "rules/recognise/layer.h"

namespace minewarden::rules {

[[nodiscard]] Begins starts_socks5(std::string_view bytes);

/// One direction of a SOCKS5 connection (RFC 1928, user name and password by RFC 1929): either
/// end's greeting, authentication and CONNECT are passed over, what follows is an inner stream.
class Socks5Layer final : public Layer {
  public:
    Socks5Layer(Exchange& exchange, int depth)
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
