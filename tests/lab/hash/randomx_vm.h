// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/result.h"
#include "tests/lab/hash/randomx_memory.h"
#include "tests/lab/stratum/target.h"

#include <memory>
#include <randomx.h>

namespace minewarden::lab {

/// One RandomX machine. Not thread-safe.
class RandomxVm {
  public:
    static Result<RandomxVm> create(std::shared_ptr<const RandomxMemory> memory);

    /// Computes one hash, as a node does to verify a block. Restores the floating-point modes.
    [[nodiscard]] Hash hash(ByteView input);

    /// Hashes in a chain, as miners do: each call returns the hash of the previous input. The
    /// calling thread keeps the rounding mode of the last program, so it must not use floating
    /// point until it restores the mode.
    void begin(ByteView first);
    [[nodiscard]] Hash next(ByteView input); ///< REQUIRES: begin()

  private:
    struct Destroy {
        void operator()(randomx_vm* machine) const { randomx_destroy_vm(machine); }
    };

    RandomxVm(std::shared_ptr<const RandomxMemory> memory, randomx_vm* machine)
        : memory_(std::move(memory)), machine_(machine) {}

    std::shared_ptr<const RandomxMemory> memory_; ///< outlives the machine
    std::unique_ptr<randomx_vm, Destroy> machine_;
};

} // namespace minewarden::lab
