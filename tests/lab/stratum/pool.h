// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/lab/net/line_server.h"
#include "tests/lab/stratum/message.h"
#include "tests/lab/stratum/pool_session.h"

#include <map>
#include <memory>

namespace minewarden::lab {

/// A Stratum pool behind a LineServer: one session per client, a new block per tick.
class Pool : public LineHandler {
  public:
    Pool(Dialect dialect, PoolContext& context) : dialect_(dialect), context_(context) {}

    void opened(ClientId client, const LoopbackAddress& peer) override;
    Answer on_line(ClientId client, std::string_view line) override;
    void closed(ClientId client, std::string_view reason) override;
    void begin_tick() override;
    std::string push(ClientId client) override;

  private:
    Dialect dialect_;
    PoolContext& context_;
    std::map<ClientId, std::unique_ptr<PoolSession>> sessions_;
};

} // namespace minewarden::lab
