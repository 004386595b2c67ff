// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/payload.h"

#include "common/text.h"

#include <algorithm>

namespace minewarden::rules {

std::string_view StreamHead::add(std::size_t offset, std::span<const std::uint8_t> piece) {
    if (offset >= window || piece.empty()) return {};
    piece = piece.first(std::min(piece.size(), window - offset));
    if (offset + piece.size() <= contiguous_) return {};
    if (offset > contiguous_) {
        if (waiting_.size() < maximum_waiting)
            waiting_.push_back({offset, std::string(piece.begin(), piece.end())});
        return {};
    }
    const std::size_t before = contiguous_;
    head_.append(piece.begin() + static_cast<std::ptrdiff_t>(contiguous_ - offset), piece.end());
    contiguous_ = head_.size();
    for (bool moved = true; moved;) {
        moved = false;
        for (const Piece& waiting : waiting_) {
            if (waiting.offset > contiguous_ ||
                waiting.offset + waiting.bytes.size() <= contiguous_)
                continue;
            head_ += std::string_view(waiting.bytes).substr(contiguous_ - waiting.offset);
            contiguous_ = head_.size();
            moved = true;
        }
    }
    std::erase_if(waiting_, [this](const Piece& waiting) {
        return waiting.offset + waiting.bytes.size() <= contiguous_;
    });
    return std::string_view(head_).substr(before);
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
    const auto parsed = JsonLine::parse(line);
    if (!parsed) return;
    if (auto found = recognise_monero(*parsed))
        messages.push_back(std::move(*found));
    else if (auto other = recognise_bitcoin(*parsed))
        messages.push_back(std::move(*other));
}

} // namespace minewarden::rules
