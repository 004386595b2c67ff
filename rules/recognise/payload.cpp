// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/payload.h"

#include "common/text.h"

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
    const auto side = static_cast<std::size_t>(direction);
    if (!started_[side] && !bytes.empty()) {
        started_[side] = true;
        // A JSON line protocol begins with an object, perhaps after white space.
        const std::string_view start = trim(bytes);
        if (!start.empty() && start.front() != '{') hopeful_ = false;
    }
    if (!hopeful_) return messages;
    std::string& partial = partial_lines_[side];
    while (!bytes.empty()) {
        const std::size_t newline = bytes.find('\n');
        partial += bytes.substr(0, newline);
        if (partial.size() > JsonLine::maximum_bytes) {
            hopeful_ = false;
            partial.clear();
            return messages;
        }
        if (newline == std::string_view::npos) break;
        take_line(partial, messages);
        partial.clear();
        bytes.remove_prefix(newline + 1);
    }
    // Some clients end a message without a newline.
    if (partial.ends_with('}')) {
        const std::size_t before = messages.size();
        take_line(partial, messages);
        if (messages.size() != before) partial.clear();
    }
    return messages;
}

void PayloadRecogniser::take_line(std::string_view line, std::vector<StratumMessage>& messages) {
    line = trim(line);
    if (!line.starts_with('{')) return;
    // No search for words first: keys can be written with escapes ("m\u0065thod").
    auto parsed = JsonLine::parse(line);
    if (!parsed) return;
    const auto recognise = [&] {
        auto found = recognise_monero(*parsed);
        return found ? found : recognise_bitcoin(*parsed);
    };
    auto found = recognise();
    if (!found && parsed->has_repeated_keys()) {
        parsed->let_last_win();
        found = recognise();
    }
    if (found) messages.push_back(std::move(*found));
}

} // namespace minewarden::rules
