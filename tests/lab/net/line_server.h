// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"
#include "tests/lab/net/line_buffer.h"
#include "tests/lab/net/loopback_address.h"
#include "tests/lab/run/stop.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::lab {

using ClientId = std::uint64_t;

/// What to do after a line: send bytes, then optionally close the connection.
struct Answer {
    std::string bytes;
    std::string drop_reason; ///< empty: keep the connection
};

/// The protocol of a LineServer. Called from the thread of run(), in the order of events. Each
/// client is opened once and closed once.
class LineHandler {
  public:
    virtual ~LineHandler() = default;
    virtual void opened(ClientId client, const LoopbackAddress& peer) = 0;
    virtual Answer on_line(ClientId client, std::string_view line) = 0;
    virtual void closed(ClientId client, std::string_view reason) = 0;
    /// Called at each tick: first once, then once per client for the data to push.
    virtual void begin_tick() {}
    virtual std::string push(ClientId /*client*/) { return {}; }
};

/// A TCP server for protocols with one message per line, in one thread, with poll(2). Drops a
/// client that sends an overlong line or does not read its answers, and closes clients above the
/// maximum immediately. Other clients are not affected.
class LineServer {
  public:
    static constexpr std::size_t maximum_line = 16'384;
    static constexpr std::size_t maximum_unsent = 262'144;

    static Result<LineServer> listen(const LoopbackAddress& address);

    [[nodiscard]] const LoopbackAddress& address() const { return address_; }

    /// Serves until the stop. `tick` zero: no ticks.
    void run(LineHandler& handler, const Stop& stop, std::chrono::milliseconds tick);

  private:
    struct Client {
        Fd fd;
        LineBuffer lines{maximum_line};
        std::string unsent;
        std::string drop_reason;
    };

    LineServer(Fd listener, LoopbackAddress address);
    void accept_all(LineHandler& handler);
    static void read_from(ClientId id, Client& client, LineHandler& handler);
    static void send_to(Client& client, std::string_view bytes);
    void push_to_all(LineHandler& handler);
    void remove_dropped(LineHandler& handler);
    void wait(const Stop& stop, SteadyTime next, std::vector<ClientId>& readable, bool& acceptable);

    Fd listener_;
    LoopbackAddress address_;
    std::size_t maximum_clients_;
    ClientId last_id_ = 0;
    std::map<ClientId, Client> clients_;
};

} // namespace minewarden::lab
