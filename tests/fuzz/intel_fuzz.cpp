// SPDX-License-Identifier: Apache-2.0
#include "rules/intel/indicators.h"

#include <cstdlib>

using namespace minewarden;
using namespace minewarden::rules;

/// An indicator list, and the same bytes as a plain one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(as_text({data, size}));
    const auto set = IndicatorSet::load({{"list", text}});
    if (set) (void)(*set)->find("a.pool.test");
    const auto made = make_indicator_list({"plain", text}, "a", "1", IntelSalt{});
    // What the tool makes, the agent reads.
    if (made && made->size() < yaml::maximum_bytes && !IndicatorSet::load({{"made", *made}}))
        std::abort();
    return 0;
}
