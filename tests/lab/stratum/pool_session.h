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

/// The invented block chain of a pool. Each new block gives new work to all clients.
struct PoolChain {
    std::uint64_t height = 3'000'000;
    Hash previous{};
    Hash seed{}; ///< the RandomX key; constant

    PoolChain();
    void new_block();
};

struct PoolTotals {
    std::uint64_t clients = 0;
    std::uint64_t logins = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
};

/// State shared by the sessions of one pool.
struct PoolContext {
    EventLog& events;
    double difficulty = 1;
    /// Computes the hash of a share. If null, only the form and the claimed result are checked.
    std::function<Hash(ByteView blob)> monero_hash;
    bool verify = false;
    PoolChain chain;
    PoolTotals totals;
};

/// The pool side of one connection in one dialect. Input is untrusted: an invalid line ends the
/// connection, an invalid request gets an error of the dialect.
class PoolSession {
  public:
    virtual ~PoolSession() = default;
    virtual Answer on_line(std::string_view line) = 0;
    /// The push for a new job; empty if the client may not get one yet.
    virtual std::string new_job() = 0;
};

[[nodiscard]] std::unique_ptr<PoolSession> make_monero_session(PoolContext& pool, ClientId client);
[[nodiscard]] std::unique_ptr<PoolSession> make_bitcoin_session(PoolContext& pool, ClientId client);

} // namespace minewarden::lab
