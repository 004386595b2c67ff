// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/ip_address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace minewarden::rules {

/// One address that an answer gives to the name asked for.
struct DnsAddress {
    IpAddress address;
    std::uint32_t ttl_s = 0; ///< least of the records that lead to it
    bool operator==(const DnsAddress&) const = default;
};

/// What a name server said (RFC 1035): the name asked for, the aliases it leads over, the
/// addresses.
struct DnsAnswer {
    /// Lower case, labels joined by '.', no dot at the end; 1 to 253 bytes. Empty if the name holds
    /// other bytes than letters, digits, '-' and '_': then it can be no host's.
    std::string question;
    std::vector<std::string> aliases; ///< targets of CNAME, HTTPS and SVCB records, in order
    std::vector<DnsAddress> addresses;
};

/// Why a message gives no answer.
enum class DnsProblem {
    not_an_answer, ///< a query, or another operation than a query
    truncated,     ///< it ends within its header, its question or an answer
    bad_name,   ///< a label over 63 bytes, a name over 255, a pointer not backward, a reserved tag
    bad_record, ///< a record whose data has another length than its type asks for
    bad_question, ///< not exactly one question of class IN
    too_many,     ///< more records than any honest answer has
};

[[nodiscard]] std::string_view to_string(DnsProblem problem);

/// Bounds of one message; longer answers are refused as too_many.
inline constexpr std::size_t dns_records_maximum = 512;
inline constexpr std::size_t dns_addresses_maximum = 256;
inline constexpr std::size_t dns_aliases_maximum = 16;

/// Reads the question and the answer section of one message; what follows them is not looked at, so
/// a datagram cut behind them is good. Records that do not belong to the name asked for, over at
/// most dns_aliases_maximum aliases, are ignored: nobody can slip in a name that was not asked for.
/// An error response is an answer without addresses. Time is linear in the size, with bounded
/// work per name.
[[nodiscard]] std::variant<DnsAnswer, DnsProblem> parse_dns(ByteView message);

} // namespace minewarden::rules
