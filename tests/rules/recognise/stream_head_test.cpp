// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "rules/recognise/payload.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>

namespace minewarden::rules {
namespace {

std::string text_of(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + (i * 7 + i / 26) % 26);
    return text;
}

TEST(StreamHead, ReturnsPiecesInOrder) {
    StreamHead head;
    EXPECT_EQ(head.add(0, as_bytes("abc")), "abc");
    EXPECT_EQ(head.add(3, as_bytes("def")), "def");
    EXPECT_EQ(head.contiguous(), 6U);
}

TEST(StreamHead, ALatePieceReleasesWaitingPieces) {
    StreamHead head;
    EXPECT_EQ(head.add(3, as_bytes("def")), "");
    EXPECT_EQ(head.add(6, as_bytes("ghi")), "");
    EXPECT_EQ(head.contiguous(), 0U);
    EXPECT_EQ(head.add(0, as_bytes("abc")), "abcdefghi");
    EXPECT_EQ(head.contiguous(), 9U);
}

TEST(StreamHead, RepeatedPiecesReturnNothing) {
    StreamHead head;
    EXPECT_EQ(head.add(0, as_bytes("abc")), "abc");
    EXPECT_EQ(head.add(0, as_bytes("abc")), "");
    EXPECT_EQ(head.add(1, as_bytes("b")), "");
    EXPECT_EQ(head.add(0, as_bytes("abcdef")), "def");
}

TEST(StreamHead, EmptyPiecesReturnNothing) {
    StreamHead head;
    EXPECT_EQ(head.add(0, {}), "");
    EXPECT_EQ(head.add(5, {}), "");
    EXPECT_EQ(head.add(0, as_bytes("abc")), "abc");
}

TEST(StreamHead, TheFirstBytesForAPositionWin) {
    StreamHead head;
    EXPECT_EQ(head.add(0, as_bytes("abcd")), "abcd");
    EXPECT_EQ(head.add(2, as_bytes("XXef")), "ef");
}

TEST(StreamHead, TheFirstBytesForAPositionWinWhileTheyWait) {
    StreamHead late;
    EXPECT_EQ(late.add(4, as_bytes("BBBB")), "");
    EXPECT_EQ(late.add(0, as_bytes("aaaacccc")), "aaaaBBBB");
    StreamHead between;
    EXPECT_EQ(between.add(2, as_bytes("22")), "");
    EXPECT_EQ(between.add(1, as_bytes("1111")), "") << "only the first and last byte are new";
    EXPECT_EQ(between.add(0, as_bytes("0")), "01221");
}

TEST(StreamHead, IgnoresBytesBeyondTheWindow) {
    StreamHead head;
    const std::string text = text_of(StreamHead::window + 100);
    EXPECT_EQ(head.add(0, as_bytes(text)), text.substr(0, StreamHead::window));
    EXPECT_EQ(head.contiguous(), StreamHead::window);
    EXPECT_EQ(head.add(StreamHead::window, as_bytes("more")), "");
    EXPECT_EQ(head.contiguous(), StreamHead::window);
}

TEST(StreamHead, CutsAPieceAtTheEndOfTheWindow) {
    StreamHead head;
    const std::string text = text_of(StreamHead::window + 100);
    EXPECT_EQ(head.add(4000, as_bytes(text.substr(4000))), "");
    EXPECT_EQ(head.add(0, as_bytes(text.substr(0, 4000))), text.substr(0, StreamHead::window));
}

TEST(StreamHead, IgnoresFarOffsets) {
    StreamHead head;
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    for (const std::size_t offset :
         {StreamHead::window, StreamHead::window + 1, std::size_t{1} << 32, most - 3, most})
        EXPECT_EQ(head.add(offset, as_bytes("abcdefgh")), "") << offset;
    EXPECT_EQ(head.add(0, as_bytes("ok")), "ok");
}

TEST(StreamHead, ARepeatedLatePieceDoesNotCrowdOutOthers) {
    StreamHead head;
    for (int i = 0; i < 100; ++i) EXPECT_EQ(head.add(6, as_bytes("ghi")), "");
    EXPECT_EQ(head.add(3, as_bytes("def")), "");
    EXPECT_EQ(head.add(0, as_bytes("abc")), "abcdefghi");
}

TEST(StreamHead, FarPiecesDoNotCrowdOutOthers) {
    StreamHead head;
    for (std::size_t i = 0; i < 100; ++i)
        EXPECT_EQ(head.add(StreamHead::window + i, as_bytes("x")), "");
    EXPECT_EQ(head.add(3, as_bytes("def")), "");
    EXPECT_EQ(head.add(0, as_bytes("abc")), "abcdef");
}

struct Cut {
    std::size_t offset;
    std::size_t size;
};

/// At most 15 pieces that cover a stream, overlapping and repeated, in any order.
std::vector<Cut> any_cuts(std::size_t size) {
    std::vector<Cut> cuts;
    std::size_t at = 0;
    while (at < size) {
        const bool is_last = cuts.size() == 7;
        const std::size_t length =
            is_last ? size - at : *rc::gen::inRange<std::size_t>(1, size / 6 + 2);
        cuts.push_back({at, std::min(length, size - at)});
        at += cuts.back().size;
    }
    const int extras = *rc::gen::inRange(0, 8);
    for (int i = 0; i < extras; ++i) {
        const auto begin = *rc::gen::inRange<std::size_t>(0, size);
        cuts.push_back({begin, *rc::gen::inRange<std::size_t>(0, size - begin + 1)});
    }
    for (std::size_t i = cuts.size(); i > 1; --i)
        std::swap(cuts[i - 1], cuts[*rc::gen::inRange<std::size_t>(0, i)]);
    return cuts;
}

RC_GTEST_PROP(StreamHead, ReturnsTheSameBytesForAnyPiecesInAnyOrder, ()) {
    const std::string text = text_of(*rc::gen::inRange<std::size_t>(1, 5000));
    StreamHead head;
    std::string received;
    for (const Cut& cut : any_cuts(text.size())) {
        // Copy to a buffer of exactly this size, so that the sanitizer detects a read past it.
        const std::vector<std::uint8_t> piece(
            text.begin() + static_cast<std::ptrdiff_t>(cut.offset),
            text.begin() + static_cast<std::ptrdiff_t>(cut.offset + cut.size));
        received += head.add(cut.offset, piece);
        RC_ASSERT(head.contiguous() == received.size());
    }
    RC_ASSERT(received == text.substr(0, StreamHead::window));
}

// A hostile peer cannot replace the first bytes for a position.
RC_GTEST_PROP(StreamHead, ConflictingPiecesKeepTheFirstBytes, ()) {
    constexpr std::size_t size = 40;
    StreamHead head;
    std::string expected(size, '\0');
    std::string received;
    for (int i = 0; i < 14; ++i) {
        const auto offset = *rc::gen::inRange<std::size_t>(0, size);
        const auto length = *rc::gen::inRange<std::size_t>(0, size - offset + 1);
        const char letter = static_cast<char>('a' + i);
        for (std::size_t k = offset; k < offset + length; ++k)
            if (expected[k] == '\0') expected[k] = letter;
        received += head.add(offset, as_bytes(std::string(length, letter)));
    }
    RC_ASSERT(received == expected.substr(0, expected.find('\0')));
}

} // namespace
} // namespace minewarden::rules
