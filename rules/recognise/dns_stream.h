// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"

#include <functional>
#include <string>
#include <vector>

namespace minewarden::rules {

/// Splits DNS over TCP into messages (RFC 1035 4.2.2: two bytes of length before each). Segments
/// may be late, repeated or overlapping. If bytes are lost, continues at the next segment that
/// begins with a whole message. Keeps at most one message, and `late_maximum` segments after a gap.
class DnsStream {
  public:
    static constexpr std::size_t late_maximum = 16;

    /// Called for each message, in order. The bytes are invalid after the call. Returns false if
    /// they are not a message; this matters only after lost bytes.
    using Handler = std::function<bool(ByteView message)>;

    /// `position`: of the first byte, modulo 2^32. `from_beginning`: positions count from the first
    /// byte of the stream; otherwise the stream was joined in the middle.
    void add(std::uint32_t position, bool from_beginning, ByteView piece, const Handler& handle);

    /// Number of times that bytes were skipped as lost.
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
    bool aligned_ = false;   ///< buffer_ begins with a length field
    std::uint32_t next_ = 0; ///< position after buffer_
    std::string buffer_;     ///< contiguous bytes, less than a message
    std::vector<Late> late_; ///< segments after a gap
    std::uint64_t resynchronised_ = 0;
};

} // namespace minewarden::rules
