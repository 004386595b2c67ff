// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "tests/lab/net/line_server.h"
#include "tests/lab/run/event_log.h"
#include "tests/lab/stratum/target.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace minewarden::lab {

/// A lab pool's made-up block chain: every new block gives every client new work.
struct PoolChain {
    std::uint64_t height = 3'000'000;
    Hash previous{};
    Hash seed{}; ///< the RandomX key; the same for the life of the pool

    PoolChain();
    void new_block();
};

struct PoolTotals {
    std::uint64_t clients = 0;
    std::uint64_t logins = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
};

/// What the sessions of one pool share.
struct PoolContext {
    EventLog& events;
    double difficulty = 1;
    /// Really computes a share's hash; none: a share is believed if its form and claim are right.
    std::function<Hash(ByteView blob)> monero_hash;
    bool verify = false;
    PoolChain chain;
    PoolTotals totals;
};

/// The pool's side of one connection in one dialect. Anything may arrive: a line that is no
/// message ends the connection, a wrong request gets the dialect's error.
class PoolSession {
  public:
    virtual ~PoolSession() = default;
    virtual Answer on_line(std::string_view line) = 0;
    /// The push that announces a new job; empty before the client may have one.
    virtual std::string new_job() = 0;
};

[[nodiscard]] std::unique_ptr<PoolSession> make_monero_session(PoolContext& pool, ClientId client);
[[nodiscard]] std::unique_ptr<PoolSession> make_bitcoin_session(PoolContext& pool, ClientId client);

} // namespace minewarden::lab
