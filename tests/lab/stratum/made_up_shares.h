// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "tests/lab/stratum/client.h"

#include <chrono>

namespace minewarden::lab {

/// Invented shares: random, at a fixed rate, with a valid form and a claimed result that meets the
/// target. A verifying pool refuses them.
class MadeUpShares : public ShareSource {
  public:
    /// `interval` zero: no shares. Throws std::system_error if it cannot create a timer.
    explicit MadeUpShares(std::chrono::milliseconds interval);

    void on_job(const Job& job) override { job_ = job; }
    int fd() const override { return timer_.get(); }
    std::optional<Share> take() override;

  private:
    Fd timer_;
    std::optional<Job> job_;
};

} // namespace minewarden::lab
