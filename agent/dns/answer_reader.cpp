// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/answer_reader.h"

#include "agent/processes/process_table.h"

namespace minewarden::agent {

void AnswerReader::on_answer(const abi::dns_answer_event& event, ByteView bytes) {
    if ((event.flags & abi::DNS_OVER_TCP) == 0) {
        read(event, bytes);
        return;
    }
    rules::DnsStream& stream = streams_.claim(event.socket);
    const std::uint64_t before = stream.resynchronised();
    stream.add(event.position, (event.flags & abi::DNS_FROM_BEGINNING) != 0, bytes,
               [&](ByteView message) { return read(event, message); });
    counts_.resynchronised += stream.resynchronised() - before;
}

bool AnswerReader::read(const abi::dns_answer_event& event, ByteView message) {
    const auto parsed = rules::parse_dns(message);
    if (const auto* problem = std::get_if<rules::DnsProblem>(&parsed)) {
        if (*problem != rules::DnsProblem::not_an_answer) ++counts_.malformed;
        return false;
    }
    ++counts_.answers;
    if (event.owner.pid == 0) ++counts_.owner_unknown;
    cache_.learn(std::get<rules::DnsAnswer>(parsed),
                 {to_image(event.owner), event.network_namespace}, {event.header.boottime_ns});
    return true;
}

} // namespace minewarden::agent
