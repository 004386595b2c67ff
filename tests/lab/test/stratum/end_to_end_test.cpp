// SPDX-License-Identifier: Apache-2.0
// A pool and its clients in one process, over real loopback sockets.
#include "tests/lab/hash/bitcoin_miner.h"
#include "tests/lab/hash/monero_miner.h"
#include "tests/lab/hash/randomx_vm.h"
#include "tests/lab/net/socket.h"
#include "tests/lab/stratum/client.h"
#include "tests/lab/stratum/made_up_shares.h"
#include "tests/lab/stratum/pool.h"

#include <gtest/gtest.h>

#include <array>
#include <poll.h>
#include <thread>

namespace minewarden::lab {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 2> loopbacks = {"127.0.0.1:0", "[::1]:0"};

class EndToEnd : public testing::Test {
  protected:
    void start(Dialect dialect, std::string_view listen, double difficulty,
               std::chrono::milliseconds tick = 0ms) {
        pool_stop_.emplace(120s);
        dialect_ = dialect;
        context_.difficulty = difficulty;
        auto server = LineServer::listen(*LoopbackAddress::parse(listen));
        ASSERT_TRUE(server) << server.error().message;
        server_.emplace(std::move(*server));
        thread_ = std::jthread([this, tick] {
            Pool pool(dialect_, context_);
            server_->run(pool, *pool_stop_, tick);
        });
    }
    void finish() {
        pool_stop_->request();
        thread_.join();
    }
    std::unique_ptr<ClientProtocol> make_client(const WireForm& form = {}) const {
        const Credentials credentials{.wallet = "wallet", .agent = "agent"};
        return dialect_ == Dialect::monero ? make_monero_client(form, credentials)
                                           : make_bitcoin_client(form, credentials, true);
    }
    /// Stops the client after `count` events of this name.
    EventLog stop_after(std::string_view event, int count, Stop& stop) {
        const std::string name = "\"" + std::string(event) + "\"";
        return EventLog([this, name, count, &stop, seen = 0](std::string_view line) mutable {
            transcript_ += line;
            if (line.find(name) != std::string_view::npos && ++seen == count) stop.request();
        });
    }

    Dialect dialect_ = Dialect::monero;
    std::optional<Stop> pool_stop_;
    EventLog quiet_{[](std::string_view) {}};
    PoolContext context_{.events = quiet_,
                         .difficulty = 1,
                         .monero_hash = nullptr,
                         .verify = false,
                         .chain = {},
                         .totals = {}};
    std::optional<LineServer> server_;
    std::jthread thread_;
    std::string transcript_;
};

TEST_F(EndToEnd, MadeUpSharesAreAcceptedInEveryForm) {
    for (const Dialect dialect : {Dialect::monero, Dialect::bitcoin}) {
        for (const std::string_view listen : loopbacks) {
            start(dialect, listen, 1000);
            for (const bool spaces : {false, true}) {
                for (const KeyOrder order : {KeyOrder::newer, KeyOrder::older}) {
                    Stop stop(30s);
                    EventLog events = stop_after("share_accepted", 2, stop);
                    const auto client = make_client({.order = order, .spaces = spaces});
                    MadeUpShares shares(5ms);
                    ClientTotals totals;
                    const ClientOptions options{
                        .pool = server_->address(), .pieces = 3, .piece_delay = 1ms};
                    const auto done = run_client(options, *client, shares, totals, events, stop);
                    EXPECT_TRUE(done) << done.error().message;
                    EXPECT_GE(totals.accepted, 2U) << transcript_;
                    EXPECT_EQ(totals.refused, 0U) << transcript_;
                }
            }
            finish();
        }
    }
    EXPECT_EQ(context_.totals.logins, 16U);
}

TEST_F(EndToEnd, NewBlocksReachTheClient) {
    start(Dialect::monero, "127.0.0.1:0", 1, 10ms);
    Stop stop(30s);
    EventLog events = stop_after("job_received", 5, stop);
    const auto client = make_client();
    MadeUpShares shares(0ms);
    ClientTotals totals;
    EXPECT_TRUE(run_client({.pool = server_->address()}, *client, shares, totals, events, stop));
    EXPECT_GE(totals.jobs, 5U);
    finish();
}

TEST_F(EndToEnd, AClientNoticesThatThePoolCloses) {
    start(Dialect::bitcoin, "127.0.0.1:0", 1);
    Stop stop(30s);
    EventLog events = stop_after("job_received", 1, *pool_stop_);
    const auto client = make_client();
    MadeUpShares shares(0ms);
    ClientTotals totals;
    const auto done =
        run_client({.pool = server_->address()}, *client, shares, totals, events, stop);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "the pool closed the connection");
    const auto refused = run_client({.pool = *LoopbackAddress::parse("127.0.0.1:1")}, *client,
                                    shares, totals, events, stop);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
}

TEST_F(EndToEnd, ThePoolSurvivesHostileClients) {
    start(Dialect::monero, "127.0.0.1:0", 1000);
    Stop stop(60s);
    const std::vector<std::string> attacks = {
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        std::string(10'000, '[') + "\n",
        std::string(8'000, '[') + std::string(8'000, ']') + "\n",
        "{\"id\":1,\"method\":\"login\",\"params\":" + std::string(8'000, '[') + "\n",
        std::string(100'000, 'x'),
        std::string(100, '\0') + "\n",
        "\xff\xfe\n",
        "{\"id\":1,\"method\":\"login\",\"params\":{\"login\":\"\xff\"}}\n",
    };
    for (const std::string& attack : attacks) {
        const auto fd = connect_to(server_->address(), stop);
        ASSERT_TRUE(fd);
        (void)send_all(fd->get(), attack, stop); // the pool may close during it
        std::string answer;
        ReadStatus status = ReadStatus::nothing;
        while (status != ReadStatus::closed) {
            pollfd wait{fd->get(), POLLIN, 0};
            ASSERT_GT(::poll(&wait, 1, 10'000), 0) << "not dropped: " << attack.substr(0, 50);
            status = read_some(fd->get(), answer);
        }
        EXPECT_EQ(answer, "");
    }
    EventLog events = stop_after("share_accepted", 1, stop);
    const auto client = make_client();
    MadeUpShares shares(5ms);
    ClientTotals totals;
    EXPECT_TRUE(run_client({.pool = server_->address()}, *client, shares, totals, events, stop));
    EXPECT_GE(totals.accepted, 1U) << "another may have been on its way";
    finish();
}

TEST_F(EndToEnd, BitcoinMinerSatisfiesAVerifyingPool) {
    context_.verify = true;
    start(Dialect::bitcoin, "127.0.0.1:0", 1e-6); // about 4,300 hashes per share
    Stop stop(60s);
    EventLog events = stop_after("share_accepted", 5, stop);
    const auto client = make_client({.order = KeyOrder::newer, .spaces = true});
    WorkExchange exchange;
    HashTotals hashes;
    ClientTotals totals;
    {
        const std::jthread miner([&] { mine_bitcoin(2, {}, exchange, hashes, quiet_, stop); });
        EXPECT_TRUE(
            run_client({.pool = server_->address()}, *client, exchange, totals, events, stop));
        stop.request();
    }
    EXPECT_GE(totals.accepted, 5U);
    EXPECT_EQ(totals.refused, 0U) << transcript_;
    EXPECT_EQ(hashes.per_thread.size(), 2U);
    finish();
}

TEST_F(EndToEnd, MoneroMinerSatisfiesAVerifyingPool) {
    Stop stop(120s);
    const auto memory = RandomxMemory::build({}, context_.chain.seed, quiet_, stop);
    ASSERT_TRUE(memory);
    auto machine = RandomxVm::create(*memory);
    ASSERT_TRUE(machine);
    context_.verify = true;
    context_.monero_hash = [&](ByteView blob) { return machine->hash(blob); };
    start(Dialect::monero, "127.0.0.1:0", 2, 300ms);
    EventLog events = stop_after("share_accepted", 4, stop);
    const auto client = make_client();
    WorkExchange exchange;
    HashTotals hashes;
    ClientTotals totals;
    {
        const std::jthread miner(
            [&] { (void)mine_monero({}, 1, {}, exchange, hashes, quiet_, stop); });
        EXPECT_TRUE(
            run_client({.pool = server_->address()}, *client, exchange, totals, events, stop));
        stop.request();
    }
    EXPECT_GE(totals.accepted, 4U);
    EXPECT_EQ(totals.refused, 0U) << transcript_;
    finish();
}

} // namespace
} // namespace minewarden::lab
