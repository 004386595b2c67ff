// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/counters/message_fault.h"
#include "collector/store/arrivals.h"
#include "common/result.h"

#include <chrono>
#include <minewarden.pb.h>
#include <variant>

namespace minewarden::collector {

/// The largest message an agent may send (minewarden.proto).
constexpr std::size_t maximum_message = std::size_t{4} << 20;
/// The protocol version of this collector.
constexpr std::uint32_t protocol_version = 1;

struct HelloMessage {
    StreamId stream;
    BootId boot_id;
    std::string agent_version;
    std::string host_name;
    std::uint64_t first_sequence = 0;              ///< oldest in the outbox; 0: unknown
    std::chrono::nanoseconds heartbeat_interval{}; ///< 0: unknown
};
struct BatchMessage {
    StreamId stream;
    std::vector<Record> records;
};
struct HeartbeatMessage {
    ByteView bytes;
    std::chrono::nanoseconds interval{};     ///< 0: unknown
    std::vector<CapabilityProblem> problems; ///< sorted by capability, one each, at most:
    static constexpr std::size_t maximum_problems = 32;
    std::optional<Digest> rule_set; ///< that the agent uses, if it reports one
};
/// The agent is shutting down.
struct GoodbyeMessage {};
/// Refers to the message that it was read from.
using Message = std::variant<HelloMessage, BatchMessage, HeartbeatMessage, GoodbyeMessage>;

/// Reads and checks what agents send. All content is untrusted, even of an enrolled agent: a
/// compromised host has its key. One thread.
class MessageReader {
  public:
    /// A record that fails its own checks becomes a RejectedRecord; the others are not affected.
    Result<Message, MessageFault> read(ByteView message);

  private:
    static Result<Message, MessageFault> read_hello(ByteView bytes);
    Result<Message, MessageFault> read_batch(ByteView bytes);
    static Result<Message, MessageFault> read_heartbeat(ByteView bytes);
    /// nullopt if it is not a record with a sequence.
    std::optional<Record> read_record(ByteView bytes);

    wire::Finding finding_; ///< a member, to reuse its memory
};

} // namespace minewarden::collector
