// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/stratum/pool_session.h"

#include <algorithm>

namespace minewarden::lab {

PoolChain::PoolChain() {
    fill_random(previous);
    std::ranges::copy(sha256(as_bytes("minewarden-lab RandomX seed")).bytes, seed.begin());
}

void PoolChain::new_block() {
    ++height;
    fill_random(previous);
}

} // namespace minewarden::lab
