// SPDX-License-Identifier: Apache-2.0
#include "agent/outbox/segment.h"

#include <zlib.h>

namespace minewarden::agent {
namespace {

template <class Integer>
void put(std::string& out, Integer value) {
    for (std::size_t i = 0; i < sizeof(value); ++i)
        out += static_cast<char>(value >> (8 * i) & 0xff);
}

template <class Integer>
Integer take(ByteView bytes, std::size_t at) {
    Integer value = 0;
    for (std::size_t i = 0; i < sizeof(value); ++i)
        value |= static_cast<Integer>(Integer{bytes[at + i]} << (8 * i));
    return value;
}

std::uint32_t checksum(ByteView bytes) {
    return static_cast<std::uint32_t>(
        ::crc32(0, bytes.data(), static_cast<unsigned>(bytes.size())));
}

} // namespace

std::string encode_outbox_record(std::uint64_t sequence, std::string_view payload) {
    std::string body;
    body.reserve(record_head_bytes + payload.size());
    put(body, static_cast<std::uint32_t>(payload.size()));
    put(body, sequence);
    body += payload;
    std::string record;
    put(record, checksum(as_bytes(body)));
    return record + body;
}

SegmentScan scan_segment(ByteView content, std::size_t maximum_payload,
                         const std::function<bool(std::uint64_t, ByteView)>& visit) {
    SegmentScan scan;
    if (content.size() < segment_magic.size() ||
        as_text(content.first(segment_magic.size())) != segment_magic) {
        scan.damaged = true;
        return scan;
    }
    std::size_t at = segment_magic.size();
    scan.good_bytes = at;
    while (at < content.size()) {
        scan.damaged = true; // until this record proves good
        if (content.size() - at < record_head_bytes) return scan;
        const auto crc = take<std::uint32_t>(content, at);
        const auto length = take<std::uint32_t>(content, at + 4);
        const auto sequence = take<std::uint64_t>(content, at + 8);
        if (length > maximum_payload || content.size() - at - record_head_bytes < length)
            return scan;
        if (crc != checksum(content.subspan(at + 4, record_head_bytes - 4 + length))) return scan;
        if (scan.records > 0 && sequence <= scan.last_sequence) return scan;
        scan.damaged = false;
        const ByteView payload = content.subspan(at + record_head_bytes, length);
        at += record_head_bytes + length;
        scan.good_bytes = at;
        scan.last_sequence = sequence;
        ++scan.records;
        if (!visit(sequence, payload)) return scan;
    }
    return scan;
}

} // namespace minewarden::agent
