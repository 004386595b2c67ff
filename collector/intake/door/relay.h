// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/intake/suspects/peer_address.h"
#include "common/fd.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace minewarden::collector {

/// One connection of an agent: copies bytes between the agent's socket and libzmq's, in both
/// directions. libzmq never sees how the agent's connection ends: whatever happens outside, inside
/// there is an orderly end of the stream after all bytes. It can abort on anything else
/// (zeromq/libzmq issue 4841). One thread.
class Relay {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// Both sockets are non-blocking; the inner one may still be connecting.
    Relay(Fd outer, Fd inner, PeerAddress address, std::uint32_t number, Time now);

    [[nodiscard]] const PeerAddress& address() const { return address_; }
    /// Which inner connection it is (Door).
    [[nodiscard]] std::uint32_t number() const { return number_; }
    [[nodiscard]] Time opened() const { return opened_; }
    /// -1 once it is closed.
    [[nodiscard]] int outer() const { return outer_.get(); }
    [[nodiscard]] int inner() const { return inner_.get(); }

    /// Copies what can be copied now, at most a few `buffer`s of it. If it finds that the agent
    /// ended the connection, the next call tells libzmq. `may_read_outer`: false while this process
    /// holds too much.
    void pump(std::span<char> buffer, bool may_read_outer, Time now);
    /// The events of epoll(7) to wait for. 0: do not poll it at all, or it reports its end without
    /// pause.
    [[nodiscard]] std::uint32_t outer_interest(bool may_read_outer) const;
    [[nodiscard]] std::uint32_t inner_interest() const;

    /// Ends it from this side: the agent's socket at once, libzmq's in order.
    void end(Time now);
    /// The agent ended it, and not this side.
    [[nodiscard]] bool was_ended_by_peer() const { return was_ended_by_peer_; }
    /// Nothing is left to copy, or libzmq took longer to end it than it may.
    [[nodiscard]] bool is_over(Time now) const;
    /// How long one side may take after the other one has ended.
    static constexpr std::chrono::seconds farewell{2};

  private:
    /// One direction. What its reader does not take yet waits here, and nothing more is read.
    struct Flow {
        std::string waiting;
        bool has_ended = false; ///< nothing more comes
        bool was_shut = false;  ///< shutdown(2) told its reader
    };
    bool copy(int from, int to, Flow& flow, std::span<char> buffer);
    void drain(std::span<char> buffer);
    void close_outer();

    Fd outer_;
    Fd inner_;
    PeerAddress address_;
    std::uint32_t number_;
    Time opened_;
    Flow up_;   ///< agent to libzmq
    Flow down_; ///< libzmq to agent
    bool was_ended_by_peer_ = false;
    bool has_outer_failed_ = false;
    Time ended_{}; ///< when the first side ended
};

} // namespace minewarden::collector
