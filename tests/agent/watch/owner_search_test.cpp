// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/owner_search.h"
#include "tests/agent/connections/connection_events.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using namespace connection_events;
using namespace std::chrono_literals;

/// A search on a host where process 43 holds connection 1. It costs `cost_ns` of CPU time.
class OwnerSearchTest : public testing::Test {
  protected:
    static BootTime at(std::uint64_t seconds) { return {seconds * second}; }
    /// A message on connection 1 that waits for its owner.
    void await_owner() {
        connections_.on_open(unowned_event(1));
        payload(connections_, 1, 0, login);
    }

    TestConnections connections_;
    std::uint64_t cost_ns_ = 0;
    bool complete_ = true;
    bool fails_ = false;
    int pulls_ = 0;
    std::uint64_t cpu_ns_ = 0;
    OwnerSearch search_{connections_,
                        [this](const OwnerSearch::OnHolders& on_holders,
                               std::uint64_t most_cpu_ns) -> Result<bool> {
                            EXPECT_EQ(most_cpu_ns, 1'000'000'000U);
                            ++pulls_;
                            cpu_ns_ += cost_ns_;
                            if (fails_) return fail(ErrorKind::unavailable, "no iterator");
                            const abi::flow_holder_record record = holder(1, 43);
                            on_holders({&record, 1});
                            return complete_;
                        },
                        10s, [this] { return cpu_ns_; }};
};

TEST_F(OwnerSearchTest, ReturnsWhatWaitedForTheOwner) {
    await_owner();
    const auto found = search_.search_if_awaited(at(200));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].image.pid, 43U);
}

TEST_F(OwnerSearchTest, DoesNotSearchUnlessAConnectionWaits) {
    connections_.on_open(unowned_event(1));
    EXPECT_TRUE(search_.search_if_awaited(at(200)).empty());
    EXPECT_EQ(pulls_, 0);
}

TEST_F(OwnerSearchTest, UsesAtMostAFiftiethOfACore) {
    cost_ns_ = second / 10;
    search_.search(at(200));
    search_.search(at(204));
    EXPECT_EQ(pulls_, 1);
    search_.search(at(205));
    EXPECT_EQ(pulls_, 2);
}

TEST_F(OwnerSearchTest, RestsAfterAFailure) {
    fails_ = true;
    await_owner();
    EXPECT_TRUE(search_.search_if_awaited(at(200)).empty());
    EXPECT_TRUE(search_.search_if_awaited(at(209)).empty());
    EXPECT_EQ(pulls_, 1);
    fails_ = false;
    EXPECT_EQ(search_.search_if_awaited(at(210)).size(), 1U);
    EXPECT_EQ(search_.unfinished(), 0U);
}

TEST_F(OwnerSearchTest, CountsUnfinishedSearchesAndUsesWhatTheyFound) {
    complete_ = false;
    connections_.on_listener(listener_event(50, abi::EVENT_LISTEN_BEGIN, 2)); // elsewhere
    await_owner();
    EXPECT_EQ(search_.search_if_awaited(at(200)).size(), 1U);
    EXPECT_EQ(search_.unfinished(), 1U);
    EXPECT_EQ(connections_.listeners().size(), 1U); // it may still be there
    complete_ = true;
    search_.search(at(201));
    EXPECT_EQ(connections_.listeners().size(), 0U);
}

TEST_F(OwnerSearchTest, FindsTheNewOwnerOfASilentSessionAtTheEndOfAWindow) {
    connections_.on_open(open_event(1));
    payload(connections_, 1, 0, login);
    search_.end_window(at(200), false);
    EXPECT_EQ(pulls_, 0);
    connections_.fork(42, 43);
    connections_.ended.insert(42);
    search_.end_window(at(210), false);
    EXPECT_EQ(pulls_, 1);
    EXPECT_EQ(connections_.sessions(at(210)).front().image.pid, 43U);
}

TEST_F(OwnerSearchTest, SearchesForAllUnownedConnectionsIfTheirTrafficIsWanted) {
    connections_.on_open(unowned_event(1));
    search_.end_window(at(200), false);
    EXPECT_EQ(pulls_, 0);
    search_.end_window(at(210), true);
    EXPECT_EQ(pulls_, 1);
    EXPECT_FALSE(connections_.has_unowned());
}

TEST(OwnerSearch, DoesNothingWhereTheKernelCannotBeAsked) {
    TestConnections connections;
    OwnerSearch search(connections, {}, 10s);
    EXPECT_TRUE(search.search({200 * second}).empty());
}

} // namespace
} // namespace minewarden::agent
