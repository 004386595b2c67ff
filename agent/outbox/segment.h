// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/result.h"

#include <filesystem>
#include <functional>
#include <string>

/// One file of the outbox (docs/outbox-format.md): the magic, then records of
/// crc32 (4) | length (4) | sequence (8) | payload, all little endian; the CRC covers the rest.
namespace minewarden::agent {

inline constexpr std::string_view segment_magic = "MWOUTBX1";
inline constexpr std::size_t record_head_bytes = 16;

[[nodiscard]] std::string encode_outbox_record(std::uint64_t sequence, std::string_view payload);

struct SegmentScan {
    std::uint64_t good_bytes = 0; ///< from the start to the end of the last good record
    std::uint64_t records = 0;
    std::uint64_t first_sequence = 0;
    std::uint64_t last_sequence = 0;
    bool damaged = false;      ///< there are bytes that belong to no good record
    bool torn = false;         ///< no good record follows the last damage
    std::uint64_t missing = 0; ///< numbers left out between good records
};

/// Reads the good records of a segment in order. After damage it searches for the next good record,
/// within bounds. `visit` returns false to stop.
SegmentScan
scan_segment(ByteView content, std::size_t maximum_payload,
             const std::function<bool(std::uint64_t sequence, ByteView payload)>& visit);

} // namespace minewarden::agent
