// SPDX-License-Identifier: Apache-2.0
#include "common/cbor/value.h"

#include <algorithm>
#include <cstdlib>

using namespace minewarden;

/// What decodes has exactly one encoding: the bytes it came from.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto value = cbor::decode({data, size});
    if (!value) return 0;
    const std::string again = cbor::encode(*value);
    if (!std::ranges::equal(as_bytes(again), ByteView(data, size))) std::abort();
    return 0;
}
