// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"

#include <optional>
#include <span>

namespace minewarden::collector {

/// Where the intake hands its turns: arrivals that are committed together. A turn is never refused;
/// while the store fails, its outcome waits.
class TurnSink {
  public:
    virtual ~TurnSink() = default;

    /// Readable when take() has an outcome.
    [[nodiscard]] virtual int done_fd() const = 0;
    [[nodiscard]] virtual bool can_start() const = 0;
    /// REQUIRES: can_start(). `arrivals` and the data that they refer to must not change until
    /// take() has returned their outcome.
    virtual void start(std::span<const Arrival> arrivals) = 0;
    /// The outcome of the oldest turn without one, if it is committed.
    virtual std::optional<Outcome> take() = 0;
    /// Finishes the current commit, but does not wait for a store that fails. Arrivals are not used
    /// any more when it returns.
    virtual void stop() = 0;
};

} // namespace minewarden::collector
