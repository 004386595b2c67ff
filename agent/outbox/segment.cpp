// SPDX-License-Identifier: Apache-2.0
#include "agent/outbox/segment.h"

#include <optional>
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

namespace {

/// How much a search for the next good record may checksum, and how far its number may be ahead.
/// Both bound the search in bytes that imitate heads of records.
constexpr std::uint64_t search_bytes = std::uint64_t{64} << 20;
constexpr std::uint64_t search_numbers = 1 << 20;

struct Parsed {
    std::uint64_t sequence;
    ByteView payload;
};

/// The record at `at`, if it is complete, good, and has a higher number than `last`.
std::optional<Parsed> parse_record(ByteView content, std::size_t at, std::size_t maximum_payload,
                                   std::uint64_t last, std::uint64_t& checksummed) {
    if (content.size() - at < record_head_bytes) return std::nullopt;
    const auto length = take<std::uint32_t>(content, at + 4);
    const auto sequence = take<std::uint64_t>(content, at + 8);
    if (length > maximum_payload || content.size() - at - record_head_bytes < length ||
        sequence <= last)
        return std::nullopt;
    checksummed += length;
    const ByteView body = content.subspan(at + 4, record_head_bytes - 4 + length);
    if (take<std::uint32_t>(content, at) != checksum(body)) return std::nullopt;
    return Parsed{sequence, content.subspan(at + record_head_bytes, length)};
}

} // namespace

SegmentScan scan_segment(ByteView content, std::size_t maximum_payload,
                         const std::function<bool(std::uint64_t, ByteView)>& visit) {
    SegmentScan scan;
    const bool has_magic = content.size() >= segment_magic.size() &&
                           as_text(content.first(segment_magic.size())) == segment_magic;
    std::size_t at = segment_magic.size();
    if (has_magic)
        scan.good_bytes = at;
    else
        scan.damaged = scan.torn = true;
    std::uint64_t searched = 0;
    std::uint64_t not_counted = 0;
    while (at < content.size()) {
        const auto record = parse_record(content, at, maximum_payload, scan.last_sequence,
                                         scan.torn ? searched : not_counted);
        const bool is_far = record && scan.torn && scan.records > 0 &&
                            record->sequence - scan.last_sequence > search_numbers;
        if (!record || is_far) {
            scan.damaged = scan.torn = true;
            if (searched > search_bytes) return scan;
            ++at;
            continue;
        }
        if (scan.records == 0)
            scan.first_sequence = record->sequence;
        else
            scan.missing += record->sequence - scan.last_sequence - 1;
        scan.torn = false;
        at += record_head_bytes + record->payload.size();
        scan.good_bytes = at;
        scan.last_sequence = record->sequence;
        ++scan.records;
        if (!visit(record->sequence, record->payload)) return scan;
    }
    return scan;
}

} // namespace minewarden::agent
