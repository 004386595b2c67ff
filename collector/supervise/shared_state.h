// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/counters/counters.h"
#include "collector/intake/suspects/suspects.h"
#include "common/fd.h"
#include "common/result.h"

#include <atomic>

namespace minewarden::collector {

/// What outlives the processes of a collector: memory that the supervisor creates and all of them
/// map. The intake process may be taken over, so nothing here decides more than who is kept out.
struct SharedState {
    Counters counters;
    SuspectMemory suspects;
    std::atomic<std::int64_t> intake_died_ns; ///< steady clock; 0: it has not died
    std::atomic<std::int64_t> store_round_ns; ///< steady clock: the last round of the store process
};

/// A mapping of it. The memory exists as long as a process has it mapped.
class SharedMemory {
  public:
    /// New memory, with all counters at zero.
    static Result<SharedMemory> create();
    /// That of the process which passed this descriptor.
    static Result<SharedMemory> map(Fd fd);
    SharedMemory(SharedMemory&& other) noexcept
        : fd_(std::move(other.fd_)), state_(std::exchange(other.state_, nullptr)) {}
    SharedMemory& operator=(SharedMemory&&) = delete;
    ~SharedMemory();

    [[nodiscard]] SharedState& state() const { return *state_; }
    [[nodiscard]] int fd() const { return fd_.get(); }

  private:
    SharedMemory(Fd fd, SharedState* state) : fd_(std::move(fd)), state_(state) {}
    Fd fd_;
    SharedState* state_;
};

} // namespace minewarden::collector
