// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"

#include <functional>
#include <string>
#include <vector>

namespace minewarden::rules {

/// DNS over TCP (RFC 1035 4.2.2): messages behind two bytes of length, cut anywhere by segments
/// that may come late, twice or overlapping. Where bytes are missing for good, reading goes on at
/// the next segment that begins with a whole message. Memory is bounded: one message and the pieces
/// behind a gap, `late_maximum` of them.
class DnsStream {
  public:
    static constexpr std::size_t late_maximum = 16;

    /// Called for each message, in order; the bytes are gone after the call. Returns false if it
    /// cannot be one, which only matters where reading begins anew.
    using Handler = std::function<bool(ByteView message)>;

    /// `position` of the first byte, modulo 2^32. `from_beginning`: it counts from the stream's
    /// first byte; else the stream is joined where it is.
    void add(std::uint32_t position, bool from_beginning, ByteView piece, const Handler& handle);

    /// Times that bytes were given up.
    [[nodiscard]] std::uint64_t resynchronised() const { return resynchronised_; }

  private:
    struct Late {
        std::uint32_t position;
        std::string bytes;
    };
    void append(std::string_view bytes, const Handler& handle);
    void take_messages(const Handler& handle);
    void take_late(const Handler& handle);
    void give_up();

    bool joined_ = false;
    bool aligned_ = false;   ///< buffer_ begins with a length
    std::uint32_t next_ = 0; ///< position behind buffer_
    std::string buffer_;     ///< contiguous, not yet a whole message
    std::vector<Late> late_; ///< pieces that lie behind a gap
    std::uint64_t resynchronised_ = 0;
};

} // namespace minewarden::rules
