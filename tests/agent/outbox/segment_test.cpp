// SPDX-License-Identifier: Apache-2.0
#include "agent/outbox/segment.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

constexpr std::size_t limit = 1 << 20;

std::vector<std::pair<std::uint64_t, std::string>> read(const std::string& content,
                                                        SegmentScan* result = nullptr) {
    std::vector<std::pair<std::uint64_t, std::string>> records;
    const SegmentScan scan =
        scan_segment(as_bytes(content), limit, [&](std::uint64_t sequence, ByteView payload) {
            records.emplace_back(sequence, as_text(payload));
            return true;
        });
    if (result != nullptr) *result = scan;
    return records;
}

std::string segment() {
    return std::string(segment_magic) + encode_outbox_record(7, "first") +
           encode_outbox_record(8, "") + encode_outbox_record(9, "third");
}

TEST(Segment, ReadsWhatWasWritten) {
    SegmentScan scan;
    const auto records = read(segment(), &scan);
    ASSERT_EQ(records.size(), 3u);
    EXPECT_EQ(records[0], (std::pair<std::uint64_t, std::string>{7, "first"}));
    EXPECT_EQ(records[1].second, "");
    EXPECT_EQ(scan.last_sequence, 9u);
    EXPECT_EQ(scan.good_bytes, segment().size());
    EXPECT_FALSE(scan.damaged);
}

TEST(Segment, HasTheDocumentedEncoding) {
    // crc32 of what follows, length, sequence: little endian (docs/outbox-format.md)
    EXPECT_EQ(to_hex(as_bytes(encode_outbox_record(1, "abc"))), "8e2e45cd"
                                                                "03000000"
                                                                "0100000000000000"
                                                                "616263");
}

TEST(Segment, YieldsWholeRecordsAfterAnyCut) {
    const std::string whole = segment();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        SegmentScan scan;
        const auto records = read(whole.substr(0, length), &scan);
        EXPECT_LE(records.size(), 2u) << length;
        EXPECT_LE(scan.good_bytes, length);
        EXPECT_EQ(scan.damaged, scan.good_bytes != length || length == 0) << length;
    }
}

TEST(Segment, DetectsAnyFlippedBitAndLosesAtMostOneRecord) {
    const std::string whole = segment();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        SegmentScan scan;
        const auto records = read(damaged, &scan);
        EXPECT_TRUE(scan.damaged) << at;
        EXPECT_EQ(records.size(), at < segment_magic.size() ? 3u : 2u) << at;
    }
}

TEST(Segment, RejectsSequencesThatDoNotGrow) {
    SegmentScan scan;
    read(std::string(segment_magic) + encode_outbox_record(5, "a") + encode_outbox_record(5, "b"),
         &scan);
    EXPECT_EQ(scan.records, 1u);
    EXPECT_TRUE(scan.damaged);
}

} // namespace
} // namespace minewarden::agent
