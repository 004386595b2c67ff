// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/flows/reading_queue.h"
#include "common/bytes.h"
#include "common/clock.h"
#include "rules/recognise/payload.h"

#include <array>
#include <list>
#include <unordered_map>
#include <variant>
#include <vector>

namespace minewarden::agent {

/// Something that was recognised in the payload of a connection.
struct RecognisedMessage {
    std::variant<rules::MiningMessage, rules::NodeHandshake> what;
    rules::Direction direction = rules::Direction::sent;
    BootTime time;
    bool is_answer = false; ///< to a request of the other end; set by Connections
};

/// Reads the captured payload of connections, by flow id: puts its pieces into TCP order and
/// recognises mining protocols and node handshakes in it.
///
/// Reads at most `maximum` connections at once, each with up to about 17 KiB. A new one takes the
/// place of the oldest. A connection that is to be kept is passed over, but at most half of the
/// places are kept: many logins must not keep the agent from reading what is new.
class PayloadReading {
  public:
    static constexpr std::size_t maximum = 4096;

    /// Starts to read a connection, afresh if it is being read already. `keep` as in keep().
    void begin(std::uint64_t flow_id, rules::StreamStart start, bool keep = false);
    /// A mining session was recognised on it.
    void keep(std::uint64_t flow_id);
    /// Stops reading it, until begin().
    void stop(std::uint64_t flow_id);
    /// The connection has ended.
    void forget(std::uint64_t flow_id);

    /// Takes a captured piece; `offset` is its position in the direction's stream. When a
    /// connection has said as much as is captured at once, or there is nothing left to look for,
    /// it is queued to be read again.
    std::vector<RecognisedMessage> feed(std::uint64_t flow_id, rules::Direction direction,
                                        std::uint32_t offset, ByteView piece, BootTime time);

    /// Queues a connection to be read again.
    void queue(std::uint64_t flow_id) { to_read_again_.add(flow_id); }
    /// The next connections to read again, at most `most` of them.
    std::vector<std::uint64_t> take_queued(std::size_t most) { return to_read_again_.take(most); }

    /// Connections that lost their place because too many were being read.
    [[nodiscard]] std::uint64_t displaced() const { return displaced_; }

  private:
    struct Reader {
        std::array<rules::StreamHead, 2> heads; ///< by direction
        rules::PayloadRecogniser recogniser;
        bool keep = false;
        std::list<std::uint64_t>::iterator place; ///< in order_
    };
    /// Until it is read again.
    void pause(std::uint64_t flow_id);
    void make_room();

    std::unordered_map<std::uint64_t, Reader> readers_;
    std::list<std::uint64_t> order_; ///< flow ids, oldest first
    std::size_t kept_ = 0;
    ReadingQueue to_read_again_;
    std::uint64_t displaced_ = 0;
};

} // namespace minewarden::agent
