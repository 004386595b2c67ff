// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/suspects/suspects.h"
#include "tests/collector/support/samples.h"

#include <gtest/gtest.h>

namespace minewarden::collector {
namespace {

using namespace std::chrono_literals;
using test::random_id;

PeerAddress some_address(std::uint8_t last) {
    PeerAddress address;
    address.bytes.back() = last;
    return address;
}

class SuspectsTest : public testing::Test {
  protected:
    /// The process dies and its successor begins: only the memory stays.
    std::size_t die_at(Suspects::Time at) { return Suspects(memory_).learn(at).size(); }

    SuspectMemory memory_{};
    Suspects suspects_{memory_};
    CurvePublicKey bad_ = random_id<CurvePublicKey>();
    CurvePublicKey good_ = random_id<CurvePublicKey>();
};

TEST_F(SuspectsTest, KeepsOutTheKeyWhoseConnectionsEndBeforeEachDeath) {
    for (int death = 1; death <= 3; ++death) {
        const auto at = death * 10s;
        suspects_.note_end(some_address(1), good_, at - 5s);
        suspects_.note_end(some_address(2), bad_, at - 100ms);
        EXPECT_EQ(die_at(at), death == 3 ? 1u : 0u);
    }
    EXPECT_TRUE(suspects_.is_kept_out(bad_, 31s));
    EXPECT_FALSE(suspects_.is_kept_out(good_, 31s));
    EXPECT_TRUE(suspects_.may_try(some_address(2), 31s)) << "other agents may share the address";
    EXPECT_FALSE(suspects_.is_kept_out(bad_, 30s + Suspects::remembered + 1s));
}

TEST_F(SuspectsTest, BlamesTheMessageThatWasBeingReadAndNobodyElse) {
    for (int death = 1; death <= 3; ++death) {
        suspects_.note_end(some_address(1), good_, death * 10s);
        suspects_.begin_reading(bad_, death * 10s);
        die_at(death * 10s);
    }
    EXPECT_TRUE(suspects_.is_kept_out(bad_, 31s));
    EXPECT_FALSE(suspects_.is_kept_out(good_, 31s));
}

TEST_F(SuspectsTest, ForgetsAMessageThatWasRead) {
    for (int death = 1; death <= 3; ++death) {
        suspects_.begin_reading(good_, death * 10s);
        suspects_.end_reading();
        die_at(death * 10s);
    }
    EXPECT_FALSE(suspects_.is_kept_out(good_, 31s));
}

TEST_F(SuspectsTest, HoldsBackAnAddressWithoutAKey) {
    for (int death = 1; death <= 3; ++death) {
        suspects_.note_end(some_address(1), std::nullopt, death * 10s);
        die_at(death * 10s);
    }
    EXPECT_TRUE(suspects_.may_try(some_address(1), 31s)) << "the first";
    EXPECT_FALSE(suspects_.may_try(some_address(1), 31s + 200ms));
    EXPECT_TRUE(suspects_.may_try(some_address(1), 33s));
    EXPECT_TRUE(suspects_.may_try(some_address(3), 32s));
}

TEST_F(SuspectsTest, DeathsFarApartMeetByChance) {
    for (int death = 1; death <= 5; ++death) {
        suspects_.note_end(some_address(1), good_, death * 6min);
        EXPECT_EQ(die_at(death * 6min), 0u);
    }
    EXPECT_FALSE(suspects_.is_kept_out(good_, 31min));
}

TEST_F(SuspectsTest, KeepsThoseWithTheLatestStrikes) {
    for (int death = 1; death <= 3; ++death) {
        suspects_.note_end(some_address(1), bad_, death * 1s);
        die_at(death * 1s);
    }
    for (int other = 0; other < 60; ++other) {
        suspects_.note_end(some_address(1), random_id<CurvePublicKey>(), 4s);
        die_at(4s);
    }
    EXPECT_TRUE(suspects_.is_kept_out(bad_, 5s));
    for (int other = 0; other < 70; ++other) {
        suspects_.note_end(some_address(1), random_id<CurvePublicKey>(), 5s);
        die_at(5s);
    }
    EXPECT_FALSE(suspects_.is_kept_out(bad_, 6s)) << "bounded";
}

// The process that wrote it may have been taken over.
TEST_F(SuspectsTest, AnyMemoryIsHarmless) {
    for (int round = 0; round < 200; ++round) {
        fill_random({reinterpret_cast<std::uint8_t*>(&memory_), sizeof memory_});
        Suspects suspects(memory_);
        (void)suspects.learn(100s);
        (void)suspects.is_kept_out(good_, 101s);
        (void)suspects.may_try(some_address(1), 101s);
        suspects.note_end(some_address(1), good_, 102s);
    }
}

TEST(PeerAddress, IsShownAsPeopleWriteIt) {
    sockaddr_storage none{};
    none.ss_family = AF_UNIX;
    EXPECT_EQ(PeerAddress::of(none).text(), "this host");
    PeerAddress four{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7}};
    EXPECT_EQ(four.text(), "192.0.2.7");
    PeerAddress six{{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}};
    EXPECT_EQ(six.text(), "2001:db8::7");
}

} // namespace
} // namespace minewarden::collector
