// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/wakeup.h"
#include "tests/lab/run/stop.h"
#include "tests/lab/stratum/client.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

namespace minewarden::lab {

/// Between a client's thread and its hashing threads: the current job one way, found shares the
/// other.
class WorkExchange : public ShareSource {
  public:
    // For the client's thread.
    void on_job(const Job& job) override;
    int fd() const override { return event_.fd(); }
    std::optional<Share> take() override;

    // For hashing threads.
    /// Grows with each job; cheap to ask after every hash.
    [[nodiscard]] std::uint64_t generation() const { return generation_.load(); }
    /// nullptr before the first.
    [[nodiscard]] std::shared_ptr<const Job> job() const;
    /// Waits for the first job; nullptr at the stop.
    [[nodiscard]] std::shared_ptr<const Job> wait_for_job(const Stop& stop) const;
    /// Drops the share if nobody took the last few hundred.
    void offer(Share share);

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Job> job_;
    std::atomic<std::uint64_t> generation_ = 0;
    std::deque<Share> shares_;
    Wakeup event_;
};

} // namespace minewarden::lab
