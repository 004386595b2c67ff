// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_set>
#include <vector>

namespace minewarden::agent {

/// Connections whose captured payload has been read, in the order in which they are read again:
/// what matters may be said later than in the first bytes, by chance or so that nobody sees it.
class ReadingQueue {
  public:
    /// To the end of the queue, unless it is there already.
    void add(std::uint64_t flow_id) {
        if (!waiting_.insert(flow_id).second) return;
        // Most connections end before their turn comes; their places must not pile up.
        if (order_.size() >= 2 * waiting_.size() + places_left_behind)
            std::erase_if(order_, [this](std::uint64_t id) { return !waiting_.contains(id); });
        order_.push_back(flow_id);
    }
    /// Its place stays behind for a while. A connection that was removed is not added again.
    void remove(std::uint64_t flow_id) { waiting_.erase(flow_id); }

    /// The next ones, at most so many; they leave the queue.
    std::vector<std::uint64_t> take(std::size_t most) {
        std::vector<std::uint64_t> taken;
        while (taken.size() < most && !order_.empty()) {
            if (waiting_.erase(order_.front()) > 0) taken.push_back(order_.front());
            order_.pop_front();
        }
        return taken;
    }

    /// What it remembers, for tests of its bounds.
    [[nodiscard]] std::size_t places() const { return order_.size(); }
    static constexpr std::size_t places_left_behind = 1024;

  private:
    std::deque<std::uint64_t> order_;
    std::unordered_set<std::uint64_t> waiting_;
};

} // namespace minewarden::agent
