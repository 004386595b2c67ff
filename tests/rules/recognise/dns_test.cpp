// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/dns.h"
#include "tests/rules/recognise/dns_message.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace minewarden::rules {
namespace {

using namespace std::string_literals;

constexpr std::string_view four{"\xcb\x00\x71\x07", 4}; // 203.0.113.7

std::variant<DnsAnswer, DnsProblem> parse(std::string_view message) {
    return parse_dns(as_bytes(message));
}
DnsAnswer good(std::string_view message) {
    const auto parsed = parse(message);
    const auto* problem = std::get_if<DnsProblem>(&parsed);
    EXPECT_EQ(problem, nullptr) << to_string(*problem);
    return problem == nullptr ? std::get<DnsAnswer>(parsed) : DnsAnswer{};
}
void expect_problem(std::string_view message, DnsProblem problem) {
    const auto parsed = parse(message);
    ASSERT_TRUE(std::holds_alternative<DnsProblem>(parsed)) << to_string(problem);
    EXPECT_EQ(to_string(std::get<DnsProblem>(parsed)), to_string(problem));
}

TEST(Dns, ReadsAnAddressAndItsName) {
    const DnsAnswer answer = good(dns_a("Pool.EXAMPLE.org", four, 300));
    EXPECT_EQ(answer.question, "pool.example.org");
    ASSERT_EQ(answer.addresses.size(), 1U);
    EXPECT_EQ(to_string(answer.addresses[0].address), "203.0.113.7");
    EXPECT_EQ(answer.addresses[0].ttl_s, 300U);
}

TEST(Dns, ReadsAnIpv6Address) {
    const std::string sixteen = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x07";
    const DnsAnswer answer = good(dns_header(1) + dns_question("a.example", 28) +
                                  dns_record(dns_pointer(12), 28, sixteen));
    ASSERT_EQ(answer.addresses.size(), 1U);
    EXPECT_EQ(to_string(answer.addresses[0].address), "2001:db8::7");
}

TEST(Dns, FollowsAliasesInAnyOrderWithTheLowestTtl) {
    const std::string answer_of_b = dns_record(dns_name("b.example"), 1, four, 500);
    const std::string alias = dns_record(dns_pointer(12), 5, dns_name("b.example"), 20);
    for (const std::string& records : {alias + answer_of_b, answer_of_b + alias}) {
        const DnsAnswer answer = good(dns_header(2) + dns_question("a.example") + records);
        EXPECT_EQ(answer.aliases, std::vector<std::string>{"b.example"});
        ASSERT_EQ(answer.addresses.size(), 1U);
        EXPECT_EQ(answer.addresses[0].ttl_s, 20U);
    }
}

TEST(Dns, IgnoresRecordsOfOtherNames) {
    const DnsAnswer answer = good(dns_header(1) + dns_question("a.example") +
                                  dns_record(dns_name("victim.example"), 1, four));
    EXPECT_TRUE(answer.addresses.empty());
}

TEST(Dns, StopsAtCircularAliases) {
    const DnsAnswer answer = good(dns_header(2) + dns_question("a.example") +
                                  dns_record(dns_name("a.example"), 5, dns_name("b.example")) +
                                  dns_record(dns_name("b.example"), 5, dns_name("a.example")));
    EXPECT_EQ(answer.aliases, std::vector<std::string>{"b.example"});
}

TEST(Dns, HintsOfServiceRecordsAreAddresses) {
    const std::string alpn = be16(1) + be16(3) + "\x02h2";
    const std::string hint = be16(4) + be16(4) + std::string(four);
    const DnsAnswer answer =
        good(dns_header(1) + dns_question("a.example", 65) +
             dns_record(dns_pointer(12), 65, be16(1) + dns_name("") + alpn + hint));
    ASSERT_EQ(answer.addresses.size(), 1U);
    const auto service = [](const std::string& data) {
        return dns_header(1) + dns_question("a.example", 65) +
               dns_record(dns_pointer(12), 65, data);
    };
    expect_problem(service(be16(1) + dns_name("") + hint + alpn), DnsProblem::bad_record);
    expect_problem(service(be16(1) + dns_name("") + be16(4) + be16(5) + "abcde"),
                   DnsProblem::bad_record);
    expect_problem(service(be16(1) + dns_name("") + be16(4) + be16(9) + std::string(four)),
                   DnsProblem::bad_record);
}

TEST(Dns, AnErrorIsAnAnswerWithoutAddresses) {
    const DnsAnswer answer = good(dns_header(0, 0x8183) + dns_question("none.example"));
    EXPECT_EQ(answer.question, "none.example");
    EXPECT_TRUE(answer.addresses.empty());
}

TEST(Dns, ANameWithOtherBytesIsEmpty) {
    // Otherwise a dot inside a label could imitate the end of a name.
    const std::string forged = "\x11x.pool.supportxmr\x03"
                               "com\0"s;
    const DnsAnswer answer =
        good(dns_header(1) + forged + be16(1) + be16(1) + dns_record(dns_pointer(12), 1, four));
    EXPECT_EQ(answer.question, "");
    EXPECT_TRUE(answer.addresses.empty());
}

TEST(Dns, RefusesQueriesAndOtherOperations) {
    expect_problem(dns_header(0, 0x0100) + dns_question("a.example"), DnsProblem::not_an_answer);
    expect_problem(dns_header(0, 0xa800) + dns_question("a.example"), DnsProblem::not_an_answer);
    expect_problem(dns_header(0, 0x8180, 0), DnsProblem::bad_question);
    expect_problem(dns_header(0, 0x8180, 2) + dns_question("a.example"), DnsProblem::bad_question);
    expect_problem(dns_header(0) + dns_name("a.example") + be16(1) + be16(3),
                   DnsProblem::bad_question);
}

TEST(Dns, RefusesPointersThatDoNotGoBackward) {
    const auto asked = [](const std::string& name) {
        return dns_header(0) + name + be16(1) + be16(1);
    };
    expect_problem(asked(dns_pointer(12)), DnsProblem::bad_name); // to itself
    expect_problem(asked(dns_pointer(18)), DnsProblem::bad_name); // forward
    expect_problem(asked("\x01"
                         "a" +
                         dns_pointer(12)),
                   DnsProblem::bad_name);                        // a loop
    expect_problem(asked(dns_pointer(0)), DnsProblem::bad_name); // into the header
    // Two names that point to each other.
    expect_problem(dns_header(2) + dns_question("a.example") +
                       dns_record("\x01"
                                  "x" +
                                      dns_pointer(43),
                                  1, four) +
                       dns_record("\x01"
                                  "y" +
                                      dns_pointer(27),
                                  1, four),
                   DnsProblem::bad_name);
}

TEST(Dns, RefusesLongLabelsLongNamesAndReservedTags) {
    const auto asked = [](const std::string& name) {
        return dns_header(0) + name + be16(1) + be16(1);
    };
    const std::string label63 = "\x3f" + std::string(63, 'a');
    EXPECT_EQ(good(asked(label63 + label63 + label63 + "\x3d" + std::string(61, 'b') + "\0"s))
                  .question.size(),
              253U);
    expect_problem(asked(label63 + label63 + label63 + "\x3e" + std::string(62, 'b') + "\0"s),
                   DnsProblem::bad_name);
    expect_problem(asked("\x40" + std::string(64, 'a') + "\0"s), DnsProblem::bad_name);
    expect_problem(asked("\x80"
                         "a\0"s),
                   DnsProblem::bad_name);
}

TEST(Dns, RefusesWrongCountsAndLengths) {
    const std::string one = dns_a("a.example", four);
    std::string lying = one;
    lying[7] = 2; // claims two answers, has one
    expect_problem(lying, DnsProblem::truncated);
    lying[6] = 127;
    expect_problem(lying, DnsProblem::too_many);
    expect_problem(dns_header(1) + dns_question("a.example") +
                       dns_record(dns_pointer(12), 1, "\x7f\0\0"s),
                   DnsProblem::bad_record);
    expect_problem(dns_header(1) + dns_question("a.example") +
                       dns_record(dns_pointer(12), 5, dns_name("b.example") + "x"),
                   DnsProblem::bad_record);
    for (std::size_t size = 0; size < one.size(); ++size)
        expect_problem(std::string_view(one).substr(0, size), DnsProblem::truncated);
}

TEST(Dns, LimitsAddressesOfOneAnswer) {
    std::string message = dns_header(300) + dns_question("a.example");
    for (int i = 0; i < 300; ++i) message += dns_record(dns_pointer(12), 1, four);
    expect_problem(message, DnsProblem::too_many);
}

TEST(Dns, LimitsPointerChains) {
    // Pointers to pointers, each two bytes before the other, in the data of a TXT record.
    std::string message = dns_header(2) + dns_question("a.example");
    const auto data = static_cast<unsigned>(message.size()) + 12;
    std::string chain = dns_pointer(12);
    for (unsigned i = 0; i < 1000; ++i) chain += dns_pointer(data + 2 * i);
    message += dns_record(dns_pointer(12), 16, chain);
    const auto with = [&](unsigned link) {
        return message + dns_record(dns_pointer(data + 2 * link), 1, four);
    };
    EXPECT_EQ(good(with(100)).addresses.size(), 1U);
    expect_problem(with(200), DnsProblem::bad_name);
}

RC_GTEST_PROP(DnsProperty, ArbitraryBytesNeverGiveInvalidNames, ()) {
    std::string message = dns_a("a.example", four);
    const auto changes = *rc::gen::container<std::vector<std::pair<std::uint8_t, char>>>(
        rc::gen::pair(rc::gen::arbitrary<std::uint8_t>(), rc::gen::arbitrary<char>()));
    for (const auto& [at, byte] : changes) message[at % message.size()] = byte;
    const auto parsed = parse_dns(as_bytes(message));
    if (const auto* answer = std::get_if<DnsAnswer>(&parsed)) {
        RC_ASSERT(answer->question.size() <= 253U);
        RC_ASSERT(answer->addresses.size() <= dns_addresses_maximum);
        RC_ASSERT(answer->aliases.size() <= dns_aliases_maximum);
        for (const char c : answer->question)
            RC_ASSERT((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                      c == '.');
    }
}

} // namespace
} // namespace minewarden::rules
