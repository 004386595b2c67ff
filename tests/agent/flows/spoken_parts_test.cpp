// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/spoken_parts.h"

#include <gtest/gtest.h>

/// Which end of a connection is the miner and which the pool, or whether it only tells of mining.
namespace minewarden::agent {
namespace {

using enum rules::Direction;

/// "s" and "r" for sent and received, "m" and "p" for the miner's part and the pool's.
MiningRole role_after(std::string_view said) {
    SpokenParts parts;
    for (std::size_t i = 0; i + 1 < said.size(); i += 2)
        parts.add(said[i] == 's' ? sent : received,
                  said[i + 1] == 'm' ? rules::MiningSide::client : rules::MiningSide::server);
    return parts.role();
}

TEST(SpokenParts, FindMinerAndPoolFromTheFirstMessageOn) {
    for (const char* said : {"sm", "rp", "smrp", "rpsmsm"})
        EXPECT_EQ(role_after(said), MiningRole::client) << said;
    for (const char* said : {"sp", "rm", "rmsp", "spsprm"})
        EXPECT_EQ(role_after(said), MiningRole::server) << said;
}

TEST(SpokenParts, RecogniseALogACopyAndAnEcho) {
    for (const char* said : {"smsp", "rmrp", "smsprmrp", "smrm", "sprp"})
        EXPECT_EQ(role_after(said), MiningRole::other) << said;
}

TEST(SpokenParts, AreNotDeceivedByASingleMessageOfTheOtherPart) {
    EXPECT_EQ(role_after("smsprp"), MiningRole::client);
    EXPECT_EQ(role_after("sprmsm"), MiningRole::server);
    EXPECT_EQ(role_after("smrprm"), MiningRole::client);
}

} // namespace
} // namespace minewarden::agent
