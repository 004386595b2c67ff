// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/holder_search.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

TEST(HolderSearch, StoresEachHolderOnce) {
    HolderSearch search;
    for (std::uint32_t i = 0; i < 100'000; ++i)
        search.add(7, {(1 + i % 50) * second, 1, 100 + i % 50, 0});
    ASSERT_EQ(search.found().size(), 1u);
    const auto& holders = search.found().at(7);
    ASSERT_EQ(holders.size(), HolderSearch::maximum_holders);
    for (std::size_t i = 0; i < holders.size(); ++i) EXPECT_EQ(holders[i].pid, 100u + i);
}

} // namespace
} // namespace minewarden::agent
