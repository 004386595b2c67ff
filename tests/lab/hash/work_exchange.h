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

/// Passes the current job from the thread of a client to its hashing threads, and found shares
/// back.
class WorkExchange : public ShareSource {
  public:
    // For the client's thread.
    void on_job(const Job& job) override;
    int fd() const override { return event_.fd(); }
    std::optional<Share> take() override;

    // For hashing threads.
    /// Increases with each job. Cheap enough to check after every hash.
    [[nodiscard]] std::uint64_t generation() const { return generation_.load(); }
    /// nullptr before the first job.
    [[nodiscard]] std::shared_ptr<const Job> job() const;
    /// Waits for the first job; nullptr at the stop.
    [[nodiscard]] std::shared_ptr<const Job> wait_for_job(const Stop& stop) const;
    /// Drops the share if the client has not taken the last few hundred.
    void offer(Share share);

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Job> job_;
    std::atomic<std::uint64_t> generation_ = 0;
    std::deque<Share> shares_;
    Wakeup event_;
};

} // namespace minewarden::lab
