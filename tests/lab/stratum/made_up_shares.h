// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "tests/lab/stratum/client.h"

#include <chrono>

namespace minewarden::lab {

/// Shares without work: random ones at a fixed pace that look right and whose claimed result meets
/// the target. A pool that verifies refuses them.
class MadeUpShares : public ShareSource {
  public:
    /// `interval` zero: never. Throws std::system_error if no timer can be had.
    explicit MadeUpShares(std::chrono::milliseconds interval);

    void on_job(const Job& job) override { job_ = job; }
    int fd() const override { return timer_.get(); }
    std::optional<Share> take() override;

  private:
    Fd timer_;
    std::optional<Job> job_;
};

} // namespace minewarden::lab
