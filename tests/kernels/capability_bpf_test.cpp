// SPDX-License-Identifier: Apache-2.0
#include "common/host/boot.h"
#include "tests/agent/sources/bpf_fixture.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdio>

namespace minewarden::agent {
namespace {

/// Prints what tests/kernels/run.py makes its table of, and fails where a kernel that is said to be
/// supported lacks a capability.
TEST(CapabilityBpfTest, EverythingWorksHere) {
    fmt::print("@@ kernel {}\n", kernel_release());
    for (const Capability& capability : probe(disabled_hooks())) {
        EXPECT_EQ(capability.coverage, Coverage::full)
            << capability.name << ": " << describe_problem(capability);
        fmt::print("@@ feature {}|{}|{}\n", capability.name,
                   capability.coverage == Coverage::full ? "works" : "missing", capability.source);
    }
    std::fflush(stdout);
}

} // namespace
} // namespace minewarden::agent
