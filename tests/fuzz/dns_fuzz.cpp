// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/dns.h"
#include "rules/recognise/dns_stream.h"

#include <algorithm>
#include <cstdlib>

using namespace minewarden;
using namespace minewarden::rules;

namespace {

bool check(ByteView message) {
    const auto parsed = parse_dns(message);
    const auto* answer = std::get_if<DnsAnswer>(&parsed);
    if (answer == nullptr) return false;
    if (answer->question.size() > 253 || answer->addresses.size() > dns_addresses_maximum ||
        answer->aliases.size() > dns_aliases_maximum)
        std::abort();
    if (answer->question.empty() && !answer->addresses.empty()) std::abort();
    return true;
}

} // namespace

/// The first byte chooses: a datagram, or a stream in pieces that each begin with a distance back
/// or forth and a length.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    ByteView rest = ByteView(data, size).subspan(1);
    if ((data[0] & 1) == 0) {
        check(rest);
        return 0;
    }
    DnsStream stream;
    std::uint32_t position = 0;
    while (rest.size() >= 2) {
        position += static_cast<std::uint32_t>(static_cast<std::int8_t>(rest[0]));
        const std::size_t length = std::min<std::size_t>(rest[1], rest.size() - 2);
        stream.add(position, (data[0] & 2) != 0, rest.subspan(2, length), check);
        position += static_cast<std::uint32_t>(length);
        rest = rest.subspan(2 + length);
    }
    return 0;
}
