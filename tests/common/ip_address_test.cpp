// SPDX-License-Identifier: Apache-2.0
#include "common/ip_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace minewarden {
namespace {

std::string shown(std::string_view text) {
    const auto address = parse_ip_address(text);
    return address ? to_string(*address) : "refused";
}

bool contains(std::string_view network, std::string_view address) {
    const auto parsed = parse_ip_network(network);
    EXPECT_TRUE(parsed) << network;
    const auto candidate = parse_ip_address(address);
    EXPECT_TRUE(candidate) << address;
    return parsed && candidate && parsed->contains(*candidate);
}

TEST(IpAddress, Version4IsDotted) {
    EXPECT_EQ(shown("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(shown("0.0.0.0"), "0.0.0.0");
    EXPECT_EQ(shown("255.255.255.255"), "255.255.255.255");
}

// RFC 5952, section 4.
TEST(IpAddress, Version6IsCanonical) {
    EXPECT_EQ(shown("2001:0db8:0000:0000:0000:0000:0000:0001"), "2001:db8::1");
    EXPECT_EQ(shown("2001:DB8::ABCD"), "2001:db8::abcd");
    EXPECT_EQ(shown("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1")
        << "a single group is not shortened";
    EXPECT_EQ(shown("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1") << "the longest run";
    EXPECT_EQ(shown("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1") << "the first of equal runs";
    EXPECT_EQ(shown("0:0:0:0:0:0:0:0"), "::");
    EXPECT_EQ(shown("::1"), "::1");
    EXPECT_EQ(shown("1::"), "1::");
}

TEST(IpAddress, MappedAddressesAreVersion4) {
    EXPECT_EQ(parse_ip_address("::ffff:192.0.2.1"), parse_ip_address("192.0.2.1"));
    EXPECT_EQ(parse_ip_address("::ffff:c000:201"), parse_ip_address("192.0.2.1"));
    EXPECT_EQ(shown("::ffff:c000:201"), "192.0.2.1");
    EXPECT_TRUE(parse_ip_address("192.0.2.1")->is_ipv4());
    EXPECT_FALSE(parse_ip_address("::1")->is_ipv4());
    EXPECT_FALSE(parse_ip_address("::192.0.2.1")->is_ipv4()) << "compatible, not mapped";
    EXPECT_FALSE(parse_ip_address("64:ff9b::192.0.2.1")->is_ipv4());
}

TEST(IpAddress, ReadsSixteenBytes) {
    const std::uint8_t bytes[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
    EXPECT_EQ(IpAddress::from_bytes(bytes), parse_ip_address("10.0.0.1"));
}

TEST(IpAddress, RefusesNamesAndInvalidAddresses) {
    for (const char* text : {"",
                             " ",
                             "localhost",
                             "example.com",
                             "1.2.3",
                             "1.2.3.4.5",
                             "1.2.3.256",
                             "01.2.3.4",
                             "1.2.3.04",
                             "0x1.2.3.4",
                             "1.2.3.4 ",
                             " 1.2.3.4",
                             "1.2.3.4/32",
                             "1.2.3.",
                             ".1.2.3",
                             "1..2.3",
                             "16909060",
                             ":",
                             ":::",
                             "1::2::3",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:8:9",
                             "12345::",
                             "g::",
                             "fe80::1%eth0",
                             "[::1]",
                             "::1 ",
                             "1.2.3.4:80",
                             "::ffff:1.2.3",
                             "::1.2.3.4.5",
                             "-1.2.3.4",
                             "+1.2.3.4"})
        EXPECT_EQ(parse_ip_address(text), std::nullopt) << text;
    EXPECT_EQ(parse_ip_address(std::string(100'000, '1')), std::nullopt);
}

TEST(IpAddress, RefusesANulByte) {
    EXPECT_EQ(parse_ip_address(std::string_view("1.2.3.4\0x", 9)), std::nullopt);
    EXPECT_EQ(parse_ip_address(std::string_view("1.2.3.4\0", 8)), std::nullopt);
    EXPECT_EQ(parse_ip_address(std::string_view("::1\0", 4)), std::nullopt);
    EXPECT_EQ(parse_ip_network(std::string_view("10.0.0.0\0/8", 11)), std::nullopt);
}

TEST(IpAddress, DoesNotReadPastTheEnd) {
    EXPECT_EQ(parse_ip_address(std::string_view("10.0.0.123").substr(0, 8)),
              parse_ip_address("10.0.0.1"));
}

TEST(IpAddress, LoopbackOfBothFamilies) {
    for (const char* text : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"})
        EXPECT_TRUE(parse_ip_address(text)->is_loopback()) << text;
    for (const char* text : {"126.255.255.255", "128.0.0.1", "0.0.0.0", "::", "::2", "7f00::1"})
        EXPECT_FALSE(parse_ip_address(text)->is_loopback()) << text;
}

RC_GTEST_PROP(IpAddress, ReadsBackWhatItWrites, ()) {
    IpAddress address;
    for (auto& byte : address.bytes)
        byte = *rc::gen::weightedOneOf<std::uint8_t>(
            {{2, rc::gen::just<std::uint8_t>(0)}, {1, rc::gen::arbitrary<std::uint8_t>()}});
    if (*rc::gen::inRange(0, 4) == 0) {
        address.bytes.fill(0);
        address.bytes[10] = address.bytes[11] = 0xff;
        for (int i = 12; i < 16; ++i)
            address.bytes[static_cast<std::size_t>(i)] = *rc::gen::arbitrary<std::uint8_t>();
    }
    const std::string text = to_string(address);
    RC_ASSERT(parse_ip_address(text) == address);
    in6_addr raw{};
    in_addr raw4{};
    if (address.is_ipv4())
        RC_ASSERT(::inet_pton(AF_INET, text.c_str(), &raw4) == 1);
    else
        RC_ASSERT(::inet_pton(AF_INET6, text.c_str(), &raw) == 1);
}

TEST(IpNetwork, ContainsItsAddresses) {
    EXPECT_TRUE(contains("10.0.0.0/8", "10.255.255.255"));
    EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
    EXPECT_TRUE(contains("192.0.2.128/25", "192.0.2.128"));
    EXPECT_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
    EXPECT_TRUE(contains("2001:db8::/32", "2001:db8:ffff::1"));
    EXPECT_FALSE(contains("2001:db8::/32", "2001:db9::"));
    EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::"));
    EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::"));
}

TEST(IpNetwork, ABareAddressIsARangeOfOne) {
    EXPECT_TRUE(contains("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(contains("192.0.2.1", "192.0.2.2"));
    EXPECT_EQ(parse_ip_network("192.0.2.1"), parse_ip_network("192.0.2.1/32"));
    EXPECT_EQ(parse_ip_network("::1"), parse_ip_network("::1/128"));
}

TEST(IpNetwork, TheWholeOfAFamily) {
    EXPECT_TRUE(contains("0.0.0.0/0", "255.255.255.255"));
    EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
    EXPECT_FALSE(contains("0.0.0.0/0", "::1"));
    EXPECT_TRUE(contains("::/0", "2001:db8::1"));
}

TEST(IpNetwork, MappedRangesAreVersion4Ranges) {
    EXPECT_EQ(parse_ip_network("::ffff:10.0.0.0/104"), parse_ip_network("10.0.0.0/8"));
    EXPECT_EQ(parse_ip_network("::ffff:0:0/96"), parse_ip_network("0.0.0.0/0"));
    EXPECT_NE(parse_ip_network("::ffff:10.0.0.0/8"), parse_ip_network("10.0.0.0/8"))
        << "eight bits of the 128-bit form are ::/8";
    EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
}

TEST(IpNetwork, BitsPastThePrefixAreZero) {
    const auto network = parse_ip_network("10.1.2.3/8");
    if (network) {
        EXPECT_EQ(network->address, parse_ip_address("10.0.0.0"));
        EXPECT_TRUE(network->contains(*parse_ip_address("10.200.0.1")));
    }
}

TEST(IpNetwork, RefusesInvalidRanges) {
    for (const char* text :
         {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8x",
          "10.0.0.0/ 8", "10.0.0.0 /8", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "::/129", "::/",
          "10/8", "example.com/8", "10.0.0.0/4294967304", "10.0.0.0/99999999999999999999",
          "10.0.0.0/0x8"})
        EXPECT_EQ(parse_ip_network(text), std::nullopt) << text;
}

RC_GTEST_PROP(IpNetwork, ContainsExactlyTheAddressesWithItsPrefix, ()) {
    const auto prefix = *rc::gen::inRange<unsigned>(0, 33);
    const auto base = *rc::gen::arbitrary<std::uint32_t>();
    // Choose it close to the base, so that both results occur.
    const std::uint32_t candidate = base ^ (1U << *rc::gen::inRange(0, 32));
    const auto text = [](std::uint32_t value) {
        std::string dotted;
        for (int shift = 24; shift >= 0; shift -= 8)
            dotted += std::to_string(value >> shift & 0xff) + (shift > 0 ? "." : "");
        return dotted;
    };
    const std::uint32_t mask = prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
    const auto network = parse_ip_network(text(base & mask) + "/" + std::to_string(prefix));
    RC_ASSERT(network.has_value());
    RC_ASSERT(network->contains(*parse_ip_address(text(candidate))) ==
              ((candidate & mask) == (base & mask)));
}

} // namespace
} // namespace minewarden
