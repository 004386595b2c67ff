// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/payload.h"

#include <algorithm>

namespace minewarden::rules {

std::string_view StreamHead::add(std::size_t offset, std::span<const std::uint8_t> piece) {
    if (offset >= window || piece.empty()) return {};
    piece = piece.first(std::min(piece.size(), window - offset));
    const std::size_t end = offset + piece.size();
    if (end > bytes_.size()) {
        bytes_.resize(end);
        filled_.resize(end);
    }
    for (std::size_t i = offset; i < end; ++i) {
        if (filled_[i]) continue;
        bytes_[i] = static_cast<char>(piece[i - offset]);
        filled_[i] = true;
    }
    const std::size_t before = contiguous_;
    while (contiguous_ < filled_.size() && filled_[contiguous_]) ++contiguous_;
    return std::string_view(bytes_).substr(before, contiguous_ - before);
}

PayloadRecogniser::PayloadRecogniser(StreamStart start)
    : streams_(std::make_unique<Streams>(start)), start_(start) {
}

std::vector<MiningMessage> PayloadRecogniser::feed(Direction direction, std::string_view bytes) {
    Recognised found;
    if (!wants_more() || bytes.empty()) return {};
    if (!first_) first_ = direction;
    streams_->of[static_cast<std::size_t>(direction)].feed(bytes, found);
    for (NodeHandshake& handshake : found.handshakes) {
        // In these protocols the end that opened the connection speaks first.
        if (handshake.sender == NodeSide::unknown && start_ == StreamStart::beginning)
            handshake.sender = direction == *first_ ? NodeSide::initiator : NodeSide::responder;
        ++handshakes_seen_;
        handshakes_.emplace_back(std::move(handshake), direction);
    }
    return std::move(found.messages);
}

std::vector<std::pair<NodeHandshake, Direction>> PayloadRecogniser::take_handshakes() {
    return std::exchange(handshakes_, {});
}

bool PayloadRecogniser::wants_more() const {
    const bool either = streams_->of[0].wants_more() || streams_->of[1].wants_more();
    const bool both = streams_->of[0].wants_more() && streams_->of[1].wants_more();
    // From the middle, one direction may long carry only the tail of a message. After one
    // handshake, wait for that of the other direction.
    return start_ == StreamStart::middle || handshakes_seen_ == 1 ? either : both;
}

} // namespace minewarden::rules
