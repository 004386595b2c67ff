// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/work_requests.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
using Counts = WorkRequests::Counts;

TEST(WorkRequests, RestartAfterAPauseAndForgetTheOldest) {
    WorkRequests requests(2);
    const abi::subject_id first{second, 1, 42, 0};
    const abi::subject_id other{second, 1, 43, 0};
    const abi::subject_id third{second, 1, 44, 0};
    const IpAddress node = *parse_ip_address("127.0.0.1");
    EXPECT_EQ(requests.count_request(first, node, {second}), (Counts{1, 0}));
    EXPECT_EQ(requests.count_request(first, node, {2 * second}), (Counts{2, 0}));
    EXPECT_EQ(requests.count_request(other, node, {2 * second}), (Counts{1, 0}));
    EXPECT_EQ(requests.count_request(first, *parse_ip_address("127.0.0.2"), {2 * second}),
              (Counts{1, 0}));
    EXPECT_EQ(requests.count_request(third, node, {3 * second}), (Counts{1, 0}));
    EXPECT_EQ(requests.size(), 2u);
    EXPECT_EQ(requests.count_request(third, node, {603 * second}), (Counts{2, 0}));
    EXPECT_EQ(requests.count_request(third, node, {1204 * second}), (Counts{1, 0}));
}

TEST(WorkRequests, CountTheirAnswers) {
    WorkRequests requests(2);
    const abi::subject_id process{second, 1, 42, 0};
    const IpAddress node = *parse_ip_address("127.0.0.1");
    requests.count_request(process, node, {second});
    EXPECT_EQ(requests.count_answer(process, node, {second}), (Counts{1, 1}));
    EXPECT_EQ(requests.count_request(process, node, {second}), (Counts{2, 1}));
    EXPECT_EQ(requests.counts_of(process, node, {second}), (Counts{2, 1}));
    EXPECT_EQ(requests.counts_of(process, node, {602 * second}), (Counts{}));
}

} // namespace
} // namespace minewarden::agent
