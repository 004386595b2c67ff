// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/flow_holders/flow_holder_source.h"

#include <gtest/gtest.h>

#include <vector>

namespace minewarden::agent {

/// All holders of descriptors on the host.
inline std::vector<abi::flow_holder_record> all_holders(FlowHolderSource& source) {
    std::vector<abi::flow_holder_record> all;
    const auto complete =
        source.pull([&](auto records) { all.insert(all.end(), records.begin(), records.end()); },
                    10'000'000'000);
    EXPECT_TRUE(complete) << complete.error().message;
    EXPECT_TRUE(complete && *complete);
    return all;
}

} // namespace minewarden::agent
