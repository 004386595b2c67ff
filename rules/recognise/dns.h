// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/ip_address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace minewarden::rules {

/// One address for the queried name.
struct DnsAddress {
    IpAddress address;
    std::uint32_t ttl_s = 0; ///< lowest TTL of the records that lead to it
    bool operator==(const DnsAddress&) const = default;
};

/// A DNS answer (RFC 1035): the queried name, its aliases and its addresses.
struct DnsAnswer {
    /// Lower case, labels joined by '.', no final dot; 1 to 253 bytes. Empty if the name has bytes
    /// that a host name cannot have (other than letters, digits, '-' and '_').
    std::string question;
    std::vector<std::string> aliases; ///< targets of CNAME, HTTPS and SVCB records, in order
    std::vector<DnsAddress> addresses;
};

/// Why a message is refused.
enum class DnsProblem {
    not_an_answer, ///< a query, or another operation
    truncated,     ///< ends within the header, the question or an answer
    bad_name,      ///< label over 63 bytes, name over 255, pointer not backward, reserved tag
    bad_record,    ///< data length does not fit the record type
    bad_question,  ///< not exactly one question of class IN
    too_many,      ///< more records than a real answer has
};

[[nodiscard]] std::string_view to_string(DnsProblem problem);

/// Limits per message; larger answers are refused as too_many.
inline constexpr std::size_t dns_records_maximum = 512;
inline constexpr std::size_t dns_addresses_maximum = 256;
inline constexpr std::size_t dns_aliases_maximum = 16;

/// Parses the question and answer sections of one message. Ignores the rest, so a datagram that is
/// cut after them is valid. Follows at most dns_aliases_maximum aliases from the queried name and
/// ignores all other records, so that a message cannot inject other names. An error response gives
/// an answer without addresses. Time is linear in the size, with limited work per name.
[[nodiscard]] std::variant<DnsAnswer, DnsProblem> parse_dns(ByteView message);

} // namespace minewarden::rules
