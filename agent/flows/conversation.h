// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "rules/recognise/payload.h"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace minewarden::agent {

/// Whether a miner and a pool, or a node, keep a conversation on one connection, and do not only
/// send or receive words. With a pool they do if the pool has answered a request of the miner, or
/// three if these only ask for work, and has given work, and after that
/// - the connection has stayed open for `settling_ns`, or
/// - the miner has gone on: a later request, which is no part of a greeting, was answered.
/// One answered share is enough: of a connection that is joined midway nothing else is seen. A
/// refused share was computed as well. With a node they do if the node has answered a request for
/// work with work, and the miner has submitted a result afterwards. A process that only reads
/// templates is a monitor.
///
/// Does not know which end is the miner. The caller passes the direction of the miner's messages.
class Conversation {
  public:
    static constexpr std::uint64_t settling_ns = 1'000'000'000;
    /// Requests without an answer that are remembered; older ones are forgotten.
    static constexpr std::size_t maximum_outstanding = 16;

    /// Takes the messages of the connection in their order. Returns true if it answers a request of
    /// the other end.
    bool add(const rules::MiningMessage& message, rules::Direction direction, BootTime time);

    [[nodiscard]] bool is_kept(rules::Direction miner, BootTime now) const;
    /// False if is_kept() is false and stays false until another message is added.
    [[nodiscard]] bool may_be_kept() const;

    struct Counts {
        std::int64_t answered = 0;         ///< requests of the miner
        std::int64_t jobs = 0;             ///< given to the miner
        std::int64_t answered_submits = 0; ///< of `answered`
    };
    [[nodiscard]] const Counts& counts(rules::Direction miner) const { return of(miner).counts; }

  private:
    struct Request {
        rules::Direction direction = rules::Direction::sent;
        std::uint64_t id = 0;
        std::string_view name;
        bool goes_on = false; ///< sent after work was given, and no greeting
    };
    /// What is known of one end as a miner.
    struct Miner {
        Counts counts;
        std::optional<BootTime> served; ///< since it has had an answer and work of a pool
        bool went_on = false;
        bool has_introduced_itself = false; ///< by a request other than for work, answered
        bool has_work_of_pool = false;
        bool has_work_of_node = false; ///< in answer to a request
        bool submitted_to_node = false;

        [[nodiscard]] bool is_kept_by_its_messages() const {
            return counts.answered_submits > 0 || submitted_to_node || (served && went_on);
        }
    };
    void add_request(const rules::MiningMessage& message, rules::Direction direction);
    /// Removes and returns the request that the message answers, with a result or an error.
    std::optional<Request> take_request(const rules::MiningMessage& message,
                                        rules::Direction miner);

    [[nodiscard]] Miner& of(rules::Direction miner) {
        return miners_[static_cast<std::size_t>(miner)];
    }
    [[nodiscard]] const Miner& of(rules::Direction miner) const {
        return miners_[static_cast<std::size_t>(miner)];
    }

    std::vector<Request> outstanding_; ///< oldest first
    std::array<Miner, 2> miners_;      ///< by the direction in which it speaks
};

} // namespace minewarden::agent
