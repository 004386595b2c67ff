// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/work_requests.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

TEST(WorkRequests, RestartAfterAPauseAndForgetTheOldest) {
    WorkRequests requests(2);
    const abi::subject_id first{second, 1, 42, 0};
    const abi::subject_id other{second, 1, 43, 0};
    const abi::subject_id third{second, 1, 44, 0};
    const IpAddress node = *parse_ip_address("127.0.0.1");
    EXPECT_EQ(requests.count(first, node, {second}), 1);
    EXPECT_EQ(requests.count(first, node, {2 * second}), 2);
    EXPECT_EQ(requests.count(other, node, {2 * second}), 1);
    EXPECT_EQ(requests.count(first, *parse_ip_address("127.0.0.2"), {2 * second}), 1);
    EXPECT_EQ(requests.count(third, node, {3 * second}), 1);
    EXPECT_EQ(requests.size(), 2u);
    EXPECT_EQ(requests.count(third, node, {603 * second}), 2);
    EXPECT_EQ(requests.count(third, node, {1204 * second}), 1);
}

} // namespace
} // namespace minewarden::agent
