// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/lab/net/line_server.h"
#include "tests/lab/run/event_log.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::lab {

/// An ordinary print and form service over JSON-RPC lines that shares only words with Stratum:
/// clients log in to sessions, subscribe to topics and submit forms, and it pushes the state of
/// print jobs.
class OrdinaryService : public LineHandler {
  public:
    explicit OrdinaryService(EventLog& events) : events_(events) {}

    void opened(ClientId client, const LoopbackAddress& peer) override;
    Answer on_line(ClientId client, std::string_view line) override;
    void closed(ClientId client, std::string_view reason) override;
    void begin_tick() override { ++print_job_; }
    std::string push(ClientId client) override;

    [[nodiscard]] std::uint64_t answered() const { return answered_; }

  private:
    EventLog& events_;
    std::set<ClientId> subscribers_;
    std::uint64_t print_job_ = 16;
    std::uint64_t answered_ = 0;
};

/// The requests of its client, one line each. A connection may begin with any of them.
[[nodiscard]] const std::vector<std::string>& ordinary_requests();

} // namespace minewarden::lab
