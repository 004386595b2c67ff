// SPDX-License-Identifier: Apache-2.0
#include "collector/visibility/collector_watch.h"
#include "tests/collector/support/samples.h"

#include <gtest/gtest.h>

namespace minewarden::collector {
namespace {

TEST(CollectorWatch, ACollectorWithAnUnchangedCounterIsGone) {
    CollectorWatch watch;
    const auto runs = test::random_id<CollectorId>();
    const auto stands = test::random_id<CollectorId>();
    for (std::uint64_t look = 0; look <= CollectorWatch::patience; ++look) {
        EXPECT_TRUE(watch.gone().empty()) << look;
        watch.saw({{runs, look}, {stands, 7}});
    }
    EXPECT_EQ(watch.gone(), std::vector{stands});
    watch.saw({{runs, 100}, {stands, 8}}); // it was only slow
    EXPECT_TRUE(watch.gone().empty());
}

TEST(CollectorWatch, ForgetsARemovedCollector) {
    CollectorWatch watch;
    const auto other = test::random_id<CollectorId>();
    for (int look = 0; look <= CollectorWatch::patience; ++look) watch.saw({{other, 7}});
    EXPECT_EQ(watch.gone().size(), 1u);
    watch.saw({});
    EXPECT_TRUE(watch.gone().empty());
    watch.saw({{other, 7}}); // starts again
    EXPECT_TRUE(watch.gone().empty());
}

} // namespace
} // namespace minewarden::collector
