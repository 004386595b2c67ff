// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace minewarden::collector {

/// One end of the channel between the intake process and the store process: frames of a length
/// (4 bytes, host order) and a body over a stream socket. One thread may send while another one
/// receives.
class Frames {
  public:
    /// `socket`: connected, blocking, SOCK_STREAM. `maximum`: bytes of a body that is accepted.
    Frames(Fd socket, std::size_t maximum) : socket_(std::move(socket)), maximum_(maximum) {}

    /// Waits until the whole frame is written. Errors: `unavailable` if the other end is gone.
    Result<void> send(std::string_view body);
    /// Waits for the next frame; valid until the next call. Errors: `unavailable` if the other end
    /// is gone, `data` for a body over the maximum.
    Result<std::string_view> receive();
    /// Ends all waiting, here and at the other end. Any thread.
    void close();

  private:
    Result<void> receive_exactly(char* bytes, std::size_t size);

    Fd socket_;
    std::size_t maximum_;
    std::string body_;
};

/// A pair of connected ends.
Result<std::pair<Fd, Fd>> make_channel();

/// A turn is 8 MiB and one message of agents, and what describes them (intake.cpp).
inline constexpr std::size_t largest_turn = std::size_t{64} << 20;
/// What the store answers: a position for each arrival, agents to watch, parts of the allow-list.
inline constexpr std::size_t largest_answer = std::size_t{256} << 20;
/// Turns that the intake sends before the outcome of the first one: the next is on its way while
/// one is committed.
inline constexpr std::size_t turns_on_way = 2;

} // namespace minewarden::collector
