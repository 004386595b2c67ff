// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/layer.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace minewarden::rules {

enum class Direction : std::uint8_t { sent = 0, received = 1 };

/// Reassembles the first payload of one direction of a connection. Pieces may be late, repeated or
/// overlapping; the first bytes for a position win, as in the receiving TCP. Keeps at most `window`
/// bytes.
class StreamHead {
  public:
    static constexpr std::size_t window = 4096;

    /// Returns the bytes that this piece made contiguous with the beginning; valid until the next
    /// call. Ignores bytes beyond the window.
    std::string_view add(std::size_t offset, std::span<const std::uint8_t> piece);

    [[nodiscard]] std::size_t contiguous() const { return contiguous_; }

  private:
    std::string bytes_;        ///< up to the furthest piece
    std::vector<bool> filled_; ///< which of these bytes are known
    std::size_t contiguous_ = 0;
};

/// Finds mining messages and node handshakes in the reassembled payload of a connection, also
/// inside transports. Reads from the first byte or, if the connection was open before, from the
/// middle.
class PayloadRecogniser {
  public:
    explicit PayloadRecogniser(StreamStart start = StreamStart::beginning);

    /// Reads the next contiguous bytes of a direction and returns the messages they complete.
    std::vector<MiningMessage> feed(Direction direction, std::string_view bytes);

    /// The handshakes completed since the last call, at most one per direction.
    std::vector<std::pair<NodeHandshake, Direction>> take_handshakes();

    /// False once nothing more can be found.
    [[nodiscard]] bool wants_more() const;

  private:
    struct Streams {
        explicit Streams(StreamStart start)
            : of{StreamLayer(exchange, start), StreamLayer(exchange, start)} {}
        Exchange exchange;
        std::array<StreamLayer, 2> of; ///< by direction
    };

    std::unique_ptr<Streams> streams_;
    StreamStart start_;
    std::optional<Direction> first_; ///< who spoke first
    std::vector<std::pair<NodeHandshake, Direction>> handshakes_;
    int handshakes_seen_ = 0;
};

} // namespace minewarden::rules
