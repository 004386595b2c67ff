// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/probe.h"
#include "common/host/boot.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string_view>

namespace minewarden::agent {
namespace {

/// Prints what tests/kernels/run makes its table of, and fails where a kernel that is said to be
/// supported lacks a feature.
TEST(FeatureBpfTest, EveryFeatureWorksHere) {
    fmt::print("@@ kernel {}\n", kernel_release());
    for (const Feature& feature : probe_features()) {
        EXPECT_TRUE(feature.works) << feature.name << ": " << feature.detail;
        fmt::print("@@ feature {}|{}|{}\n", feature.name, feature.works ? "works" : "missing",
                   feature.source);
    }
    std::fflush(stdout);
}

} // namespace
} // namespace minewarden::agent
