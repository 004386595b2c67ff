// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/dns/name_cache.h"
#include "kernel/dns_abi.h"
#include "rules/recognise/dns_stream.h"

namespace minewarden::agent {

/// What became of the pieces of answers so far.
struct AnswerCounts {
    std::uint64_t answers = 0;        ///< understood, addresses or not
    std::uint64_t malformed = 0;      ///< not understood; queries are not counted
    std::uint64_t owner_unknown = 0;  ///< of the answers: on a socket from before the agent
    std::uint64_t resynchronised = 0; ///< TCP streams of which a part was missing
};

/// Reads answers of name servers as the kernel hands them over, datagrams and pieces of streams,
/// into the name cache.
class Answers {
  public:
    static constexpr std::size_t streams_maximum = 64;

    /// `cache` outlives this.
    explicit Answers(NameCache& cache) : cache_(cache), streams_(streams_maximum) {}

    /// `bytes` are the valid bytes of the event.
    void on_event(const abi::dns_answer_event& event, ByteView bytes);

    /// The socket (a flow id) was closed: what is left of its stream goes.
    void on_close(std::uint64_t socket) { streams_.erase(socket); }

    [[nodiscard]] const AnswerCounts& counts() const { return counts_; }

  private:
    bool take(const abi::dns_answer_event& event, ByteView message);

    NameCache& cache_;
    BoundedMap<std::uint64_t, rules::DnsStream> streams_; ///< by socket
    AnswerCounts counts_;
};

} // namespace minewarden::agent
