// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/dns_stream.h"

#include <algorithm>

namespace minewarden::rules {
namespace {

constexpr std::size_t header_bytes = 12;

std::size_t length_at(std::string_view bytes) {
    return std::size_t{static_cast<std::uint8_t>(bytes[0])} << 8 |
           static_cast<std::uint8_t>(bytes[1]);
}

} // namespace

void DnsStream::add(std::uint32_t position, bool from_beginning, ByteView piece,
                    const Handler& handle) {
    if (!joined_) {
        joined_ = true;
        aligned_ = from_beginning;
        next_ = from_beginning ? 0 : position;
    }
    // Modulo 2^32; negative: this position was already read.
    const auto distance = static_cast<std::int32_t>(position - next_);
    if (distance > 0) {
        late_.push_back({position, std::string(as_text(piece))});
        if (late_.size() < late_maximum) return;
        // The missing bytes will not come any more.
        give_up();
        const auto first = std::ranges::min_element(
            late_, {}, [this](const Late& late) { return late.position - next_; });
        next_ = first->position;
        take_late(handle);
        return;
    }
    const auto known = static_cast<std::size_t>(-std::int64_t{distance});
    if (known >= piece.size()) return;
    append(as_text(piece.subspan(known)), handle);
    take_late(handle);
}

void DnsStream::append(std::string_view bytes, const Handler& handle) {
    buffer_ += bytes;
    next_ += static_cast<std::uint32_t>(bytes.size());
    take_messages(handle);
}

void DnsStream::take_messages(const Handler& handle) {
    std::size_t at = 0;
    while (buffer_.size() - at >= 2) {
        const std::string_view rest = std::string_view(buffer_).substr(at);
        const std::size_t length = length_at(rest);
        const bool whole = length >= header_bytes && rest.size() - 2 >= length;
        if (aligned_ && length >= header_bytes && !whole) break; // wait for the rest
        const bool good = whole && (handle(as_bytes(rest.substr(2, length))) || aligned_);
        if (!good) {
            if (aligned_) give_up();
            buffer_.clear();
            return;
        }
        aligned_ = true;
        at += 2 + length;
    }
    if (!aligned_) at = buffer_.size();
    buffer_.erase(0, at);
}

void DnsStream::take_late(const Handler& handle) {
    for (;;) {
        const auto ready = std::ranges::find_if(late_, [this](const Late& late) {
            return static_cast<std::int32_t>(late.position - next_) <= 0;
        });
        if (ready == late_.end()) return;
        const Late late = std::move(*ready);
        late_.erase(ready);
        const auto known = next_ - late.position;
        if (known < late.bytes.size()) append(std::string_view(late.bytes).substr(known), handle);
    }
}

void DnsStream::give_up() {
    ++resynchronised_;
    aligned_ = false;
    buffer_.clear();
}

} // namespace minewarden::rules
