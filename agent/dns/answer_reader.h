// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/dns/name_cache.h"
#include "kernel/dns_abi.h"
#include "rules/recognise/dns_stream.h"

namespace minewarden::agent {

/// How many answers were read, and what was wrong with the others.
struct AnswerCounts {
    std::uint64_t answers = 0;        ///< parsed, with or without addresses
    std::uint64_t malformed = 0;      ///< not parsed; queries are not counted
    std::uint64_t owner_unknown = 0;  ///< of `answers`: the socket is older than the agent
    std::uint64_t resynchronised = 0; ///< TCP streams of which a part was missing
};

/// Reads the answers of name servers that the kernel captured, datagrams and pieces of TCP streams,
/// and puts the names into the name cache.
class AnswerReader {
  public:
    static constexpr std::size_t maximum_streams = 64;

    /// `cache` outlives this.
    explicit AnswerReader(NameCache& cache) : cache_(cache), streams_(maximum_streams) {}

    /// `bytes` are the valid bytes of the event.
    void on_answer(const abi::dns_answer_event& event, ByteView bytes);

    /// The connection has ended: drops an incomplete message of its stream.
    void forget(std::uint64_t flow_id) { streams_.erase(flow_id); }

    [[nodiscard]] const AnswerCounts& counts() const { return counts_; }

  private:
    /// Returns whether `message` is an answer.
    bool read(const abi::dns_answer_event& event, ByteView message);

    NameCache& cache_;
    BoundedMap<std::uint64_t, rules::DnsStream> streams_; ///< by flow id
    AnswerCounts counts_;
};

} // namespace minewarden::agent
