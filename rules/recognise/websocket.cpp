// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/websocket.h"

#include <algorithm>

namespace minewarden::rules {
namespace {

constexpr unsigned reserved_bits = 0x70;
constexpr unsigned opcode_bits = 0x0f;
constexpr unsigned mask_bit = 0x80;
constexpr unsigned size_bits = 0x7f;
constexpr unsigned two_byte_size = 126;
constexpr unsigned eight_byte_size = 127;
constexpr unsigned continuation = 0;
constexpr unsigned binary = 2;
constexpr unsigned close_frame = 8;
constexpr unsigned pong = 10;

unsigned byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

/// Size of the frame header. REQUIRES: the first two bytes.
std::size_t header_size(std::string_view bytes) {
    const unsigned size = byte_at(bytes, 1) & size_bits;
    std::size_t header = 2;
    if (size == two_byte_size) header += 2;
    if (size == eight_byte_size) header += 8;
    if ((byte_at(bytes, 1) & mask_bit) != 0) header += 4;
    return header;
}

/// REQUIRES: the header is complete.
std::uint64_t payload_size(std::string_view bytes) {
    const unsigned size = byte_at(bytes, 1) & size_bits;
    if (size < two_byte_size) return size;
    std::uint64_t number = 0;
    const std::size_t last = size == two_byte_size ? 4 : 10;
    for (std::size_t i = 2; i < last; ++i) number = number << 8U | byte_at(bytes, i);
    return number;
}

} // namespace

bool starts_frame_in_middle(std::string_view bytes) {
    if (bytes.size() < 2) return false;
    const unsigned first = byte_at(bytes, 0);
    if (first != (0x80U | 1U) && first != (0x80U | binary)) return false;
    const std::size_t header = header_size(bytes);
    if (bytes.size() < header + 2) return false;
    const bool masked = (byte_at(bytes, 1) & mask_bit) != 0;
    const auto payload = [&](std::size_t i) {
        const char mask = masked ? bytes[header - 4 + i % 4] : '\0';
        return static_cast<char>(bytes[header + i] ^ mask);
    };
    return payload_size(bytes) >= 2 && payload(0) == '{' &&
           (payload(1) == '"' || payload(1) == ' ');
}

bool WebSocketLayer::take_header() {
    const unsigned first = byte_at(header_, 0);
    const unsigned opcode = first & opcode_bits;
    const bool control = opcode >= close_frame;
    payload_ = payload_size(header_);
    constexpr std::uint64_t largest_control = 125;
    if ((first & reserved_bits) != 0 || opcode == close_frame || opcode > pong ||
        (!control && opcode > binary) || (control && payload_ > largest_control))
        return false;
    data_ = opcode >= continuation && opcode <= binary;
    masked_ = (byte_at(header_, 1) & mask_bit) != 0;
    if (masked_) std::copy_n(header_.end() - 4, 4, mask_.begin());
    mask_at_ = 0;
    header_.clear();
    return true;
}

void WebSocketLayer::feed(std::string_view bytes, Recognised& found) {
    while (wants_more_ && !bytes.empty()) {
        if (payload_ == 0) {
            const std::size_t wanted = header_.size() < 2 ? 2 : header_size(header_);
            const std::size_t taken = std::min(wanted - header_.size(), bytes.size());
            header_ += bytes.substr(0, taken);
            bytes.remove_prefix(taken);
            if (header_.size() >= 2 && header_.size() == header_size(header_))
                wants_more_ = take_header();
            continue;
        }
        std::string piece(bytes.substr(0, std::min<std::uint64_t>(payload_, bytes.size())));
        bytes.remove_prefix(piece.size());
        payload_ -= piece.size();
        if (!data_) continue;
        if (masked_) {
            for (char& c : piece) c = static_cast<char>(c ^ mask_[mask_at_++ % mask_.size()]);
        }
        inner_.feed(piece, found);
        wants_more_ = inner_.wants_more();
    }
}

} // namespace minewarden::rules
