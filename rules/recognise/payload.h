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

/// Puts the first payload of one direction of a connection into order. Pieces may come late, twice
/// or overlapping; the first bytes seen for a place win, as in the receiving TCP. Memory is bounded
/// by the window.
class StreamHead {
  public:
    static constexpr std::size_t window = 4096;

    /// Returns the bytes that became contiguous with the beginning by this piece; they stay valid
    /// until the next call. What lies beyond the window is ignored.
    std::string_view add(std::size_t offset, std::span<const std::uint8_t> piece);

    [[nodiscard]] std::size_t contiguous() const { return contiguous_; }

  private:
    std::string bytes_;        ///< as far as any piece reached
    std::vector<bool> filled_; ///< which of them are known
    std::size_t contiguous_ = 0;
};

/// Finds mining messages and node handshakes in the ordered payload of a connection, behind
/// transports, from its first byte or, if it was open before it was watched, from anywhere. Only
/// contiguous bytes of each direction are fed.
class PayloadRecogniser {
  public:
    explicit PayloadRecogniser(StreamStart start = StreamStart::beginning);

    /// Takes the next contiguous bytes of a direction; returns the messages they completed.
    std::vector<StratumMessage> feed(Direction direction, std::string_view bytes);

    /// The handshakes completed since the last call, with their directions; at most one for each.
    std::vector<std::pair<NodeHandshake, Direction>> take_handshakes();

    /// False once there is nothing more to look for.
    [[nodiscard]] bool is_hopeful() const;

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
