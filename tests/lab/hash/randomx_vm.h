// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/result.h"
#include "tests/lab/hash/randomx_memory.h"
#include "tests/lab/stratum/target.h"

#include <memory>
#include <randomx.h>

namespace minewarden::lab {

/// One RandomX machine; used by one thread at a time.
class RandomxVm {
  public:
    static Result<RandomxVm> create(std::shared_ptr<const RandomxMemory> memory);

    /// One hash alone, as a node verifies a block. The floating-point modes stay as they were.
    [[nodiscard]] Hash hash(ByteView input);

    /// Hashes in a chain, as miners do: each call gives the hash of the input before. The rounding
    /// mode of the calling thread stays what the last program set, so the thread must not compute
    /// with floating point until it restores it.
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
