// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/record.h"

#include <algorithm>
#include <cstdlib>

using namespace minewarden;

/// A verdict record from the wire or the store.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto rules = *rules::RuleSet::load({});
    const auto record = rules::decode_record({data, size});
    if (record) {
        const std::string again = rules::encode_record(*record);
        if (!rules::decode_record(as_bytes(again))) std::abort();
    }
    (void)rules::recompute_record({data, size}, *rules);
    return 0;
}
