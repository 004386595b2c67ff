// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"

#include <atomic>

namespace minewarden::test {

/// Wraps a store. A test can let its commits fail.
class FailingIntakeStore final : public collector::IntakeStore {
  public:
    explicit FailingIntakeStore(collector::IntakeStore& store) : store_(store) {}
    std::atomic<bool> is_full{false};
    std::atomic<int> failures{0};

    Result<collector::Outcome> commit(std::span<const collector::Arrival> arrivals,
                                      WallTime now) override {
        if (!is_full) return store_.commit(arrivals, now);
        ++failures;
        return fail(ErrorKind::unavailable, "database or disk is full");
    }
    [[nodiscard]] bool is_shared() const override { return store_.is_shared(); }

  private:
    collector::IntakeStore& store_;
};

} // namespace minewarden::test
