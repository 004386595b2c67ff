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

std::vector<StratumMessage> PayloadRecogniser::feed(Direction direction, std::string_view bytes) {
    std::vector<StratumMessage> messages;
    if (!is_hopeful()) return messages;
    for (JsonLine& line : lines_[static_cast<std::size_t>(direction)].feed(bytes)) {
        if (auto found = recognise(line)) messages.push_back(std::move(*found));
    }
    return messages;
}

bool PayloadRecogniser::is_hopeful() const {
    // From the middle one direction may be all tail for long.
    return start_ == StreamStart::middle ? lines_[0].is_hopeful() || lines_[1].is_hopeful()
                                         : lines_[0].is_hopeful() && lines_[1].is_hopeful();
}

std::optional<StratumMessage> PayloadRecogniser::recognise(JsonLine& line) {
    // No search for words first: keys can be written with escapes ("m\u0065thod").
    const auto by_dialect = [&] {
        auto found = recognise_monero(line);
        return found ? found : recognise_bitcoin(line);
    };
    auto found = by_dialect();
    if (!found && line.has_repeated_keys()) {
        line.let_last_win();
        found = by_dialect();
    }
    return found;
}

} // namespace minewarden::rules
