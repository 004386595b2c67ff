// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/lab/hash/crew.h"
#include "tests/lab/hash/randomx_vm.h"

#include <array>
#include <cstdint>

namespace minewarden::lab {

/// RandomX over a counter, chained as in miners, without a pool.
class CounterHasher : public Hasher {
  public:
    /// `worker` makes the inputs differ between threads.
    CounterHasher(RandomxVm machine, unsigned worker);
    std::optional<std::uint64_t> round() override;

  private:
    void set_counter();

    RandomxVm machine_;
    std::array<std::uint8_t, 76> input_{}; ///< size of a block template
    std::uint64_t counter_ = 0;
};

} // namespace minewarden::lab
