// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_set>
#include <vector>

namespace minewarden::agent {

/// Connections whose captured payload has been read, in the order in which they will be read again.
/// What matters can come later than in the first bytes, by chance or in order to hide it.
class ReadingQueue {
  public:
    /// Adds it at the end, unless it is in the queue already.
    void add(std::uint64_t flow_id) {
        if (!waiting_.insert(flow_id).second) return;
        // Most connections end before their turn comes. Their places must not accumulate.
        if (order_.size() >= 2 * waiting_.size() + maximum_stale_places)
            std::erase_if(order_, [this](std::uint64_t id) { return !waiting_.contains(id); });
        order_.push_back(flow_id);
    }
    /// Its place is dropped later. A connection that was removed is not added again.
    void remove(std::uint64_t flow_id) { waiting_.erase(flow_id); }

    /// Removes and returns the next ones, at most `most` of them.
    std::vector<std::uint64_t> take(std::size_t most) {
        std::vector<std::uint64_t> taken;
        while (taken.size() < most && !order_.empty()) {
            if (waiting_.erase(order_.front()) > 0) taken.push_back(order_.front());
            order_.pop_front();
        }
        return taken;
    }

    /// Places in memory, for tests of the bound.
    [[nodiscard]] std::size_t places() const { return order_.size(); }
    static constexpr std::size_t maximum_stale_places = 1024;

  private:
    std::deque<std::uint64_t> order_;
    std::unordered_set<std::uint64_t> waiting_;
};

} // namespace minewarden::agent
