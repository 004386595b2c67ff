// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/dns.h"
#include "rules/recognise/dns_stream.h"
#include "tests/rules/recognise/dns_message.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace minewarden::rules {
namespace {

std::string message(int number) {
    return dns_a("name-" + std::to_string(number) + ".example", "\xcb\x01\x71\x07");
}
std::string framed(const std::string& bytes) {
    return be16(static_cast<unsigned>(bytes.size())) + bytes;
}

struct Collector {
    std::vector<std::string> questions;
    bool operator()(ByteView bytes) {
        const auto parsed = parse_dns(bytes);
        const auto* answer = std::get_if<DnsAnswer>(&parsed);
        if (answer != nullptr) questions.push_back(answer->question);
        return answer != nullptr;
    }
};

TEST(DnsStream, ReassemblesMessagesCutAnywhere) {
    const std::string bytes = framed(message(1)) + framed(message(2));
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        DnsStream stream;
        Collector collector;
        for (std::size_t at = 0; at < bytes.size(); at += size)
            stream.add(static_cast<std::uint32_t>(at), true,
                       as_bytes(std::string_view(bytes).substr(at, size)), std::ref(collector));
        EXPECT_EQ(collector.questions.size(), 2U) << size;
        EXPECT_EQ(stream.resynchronised(), 0U);
    }
}

TEST(DnsStream, UsesLateRepeatedAndOverlappingPiecesOnce) {
    const std::string bytes = framed(message(1)) + framed(message(2)) + framed(message(3));
    DnsStream stream;
    Collector collector;
    const auto add = [&](std::size_t from, std::size_t to) {
        stream.add(static_cast<std::uint32_t>(from), true,
                   as_bytes(std::string_view(bytes).substr(from, to - from)), std::ref(collector));
    };
    add(50, 100);
    EXPECT_TRUE(collector.questions.empty());
    add(0, 20);
    add(0, 60);
    add(80, bytes.size());
    add(0, bytes.size());
    EXPECT_EQ(collector.questions,
              (std::vector<std::string>{"name-1.example", "name-2.example", "name-3.example"}));
}

TEST(DnsStream, PositionsWrapAround) {
    const std::string bytes = framed(message(1));
    DnsStream stream;
    Collector collector;
    stream.add(0xfffffff0U, false, as_bytes(std::string_view(bytes)), std::ref(collector));
    stream.add(0xfffffff0U + static_cast<std::uint32_t>(bytes.size()), false,
               as_bytes(std::string_view(bytes)), std::ref(collector));
    EXPECT_EQ(collector.questions.size(), 2U);
}

TEST(DnsStream, StartsAtTheNextMessageIfJoinedInTheMiddle) {
    const std::string bytes = framed(message(1));
    DnsStream stream;
    Collector collector;
    stream.add(1000, false, as_bytes("the end of something"), std::ref(collector));
    EXPECT_TRUE(collector.questions.empty());
    stream.add(1020, false, as_bytes(std::string_view(bytes)), std::ref(collector));
    EXPECT_EQ(collector.questions.size(), 1U);
}

TEST(DnsStream, ContinuesAfterAPermanentGap) {
    DnsStream stream;
    Collector collector;
    const std::string first = framed(message(0));
    stream.add(0, true, as_bytes(std::string_view(first)), std::ref(collector));
    std::uint32_t at = 100'000; // far ahead: the bytes in between are missing
    for (int i = 1; i <= 40; ++i) {
        const std::string next = framed(message(i));
        stream.add(at, true, as_bytes(std::string_view(next)), std::ref(collector));
        at += static_cast<std::uint32_t>(next.size());
    }
    EXPECT_EQ(collector.questions.size(), 41U);
    EXPECT_EQ(stream.resynchronised(), 1U);
}

TEST(DnsStream, SkipsAnImpossibleLength) {
    DnsStream stream;
    Collector collector;
    const std::string bad = be16(3) + "abc";
    stream.add(0, true, as_bytes(std::string_view(bad)), std::ref(collector));
    EXPECT_EQ(stream.resynchronised(), 1U);
    const std::string next = framed(message(1));
    stream.add(static_cast<std::uint32_t>(bad.size()), true, as_bytes(std::string_view(next)),
               std::ref(collector));
    EXPECT_EQ(collector.questions.size(), 1U);
}

RC_GTEST_PROP(DnsStreamProperty, AnyOrderOfPiecesGivesEachMessageOnce, ()) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) bytes += framed(message(i));
    struct Piece {
        std::size_t from, size;
    };
    std::vector<Piece> pieces;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto size = *rc::gen::inRange<std::size_t>(20, 60);
        pieces.push_back({at, std::min(size, bytes.size() - at)});
        at += size;
    }
    // At most late_maximum - 1 pieces wait after a gap.
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i)
        if (*rc::gen::arbitrary<bool>()) std::swap(pieces[i], pieces[i + 1]);
    DnsStream stream;
    Collector collector;
    for (const Piece& piece : pieces)
        stream.add(static_cast<std::uint32_t>(piece.from), true,
                   as_bytes(std::string_view(bytes).substr(piece.from, piece.size)),
                   std::ref(collector));
    RC_ASSERT(collector.questions.size() == 4U);
    RC_ASSERT(stream.resynchronised() == 0U);
}

} // namespace
} // namespace minewarden::rules
