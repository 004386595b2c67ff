// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/counter_hasher.h"

#include <cstring>
#include <utility>

namespace minewarden::lab {

CounterHasher::CounterHasher(RandomxVm machine, unsigned worker) : machine_(std::move(machine)) {
    std::memcpy(input_.data(), &worker, sizeof worker);
}

std::optional<std::uint64_t> CounterHasher::round() {
    if (counter_ == 0) {
        set_counter();
        machine_.begin(input_);
    }
    set_counter();
    [[maybe_unused]] const Hash hash = machine_.next(input_);
    return 1;
}

void CounterHasher::set_counter() {
    std::memcpy(input_.data() + 39, &counter_, sizeof counter_);
    ++counter_;
}

} // namespace minewarden::lab
