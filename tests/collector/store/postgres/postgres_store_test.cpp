// SPDX-License-Identifier: Apache-2.0
// Only for the PostgreSQL store: a server that is unreachable, restarted, full, disconnected or
// failed over.
#include "collector/store/postgres/postgres_store.h"
#include "collector/store/sql/tables.h"
#include "tests/collector/support/cut_off_proxy.h"
#include "tests/collector/support/postgres_server.h"
#include "tests/collector/support/samples.h"

#include <gtest/gtest.h>

#include <libpq-fe.h>
#include <thread>

namespace minewarden::collector {
namespace {

using test::CutOffProxy;
using test::new_year;
using test::PostgresServer;
using test::random_id;
using test::sample_finding;
using test::sample_opening;
using test::SampleDelivery;

constexpr std::chrono::milliseconds pause{20};

std::unique_ptr<Store> open(const std::string& uri) {
    auto store = open_postgres_store(uri);
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
}

/// Sends findings one by one, each until it is stored, as the intake does.
class Sender {
  public:
    explicit Sender(Store& store) : store_(store) {}

    Result<Outcome> try_next() {
        const auto delivery = SampleDelivery(stream_).add(sequence_ + 1, finding_);
        const std::vector<Arrival> arrivals{sample_opening(stream_), delivery.get()};
        return store_.commit(arrivals, new_year);
    }
    /// The errors of the attempts before it was stored.
    std::vector<Error> send() {
        std::vector<Error> errors;
        for (;;) {
            auto outcome = try_next();
            if (outcome) {
                ++sequence_;
                EXPECT_EQ(outcome->positions.back(), sequence_);
                duplicates_ += outcome->duplicates;
                finding_ = sample_finding();
                return errors;
            }
            errors.push_back(outcome.error());
            std::this_thread::sleep_for(pause);
        }
    }
    [[nodiscard]] std::uint64_t sent() const { return sequence_; }
    [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }

    /// All findings are stored once, without a gap.
    void expect_all_once() const {
        const auto page = store_.findings_after({}, Cursor(), 1000);
        ASSERT_TRUE(page) << page.error().message;
        ASSERT_EQ(page->findings.size(), sequence_);
        for (std::uint64_t i = 0; i < sequence_; ++i) EXPECT_EQ(page->findings[i].sequence, i + 1);
        EXPECT_EQ(store_.count_gaps({})->matches, 0u);
    }

  private:
    Store& store_;
    StreamKey stream_{random_id<CurvePublicKey>(), random_id<StreamId>()};
    std::uint64_t sequence_ = 0;
    std::uint64_t duplicates_ = 0;
    wire::Finding finding_ = sample_finding();
};

/// One database of the server that all tests share. "postgres" is in the name for the CTest
/// fixture.
class PostgresStoreTest : public testing::TestWithParam<int> {
  protected:
    void SetUp() override {
        const auto server = PostgresServer::shared();
        if (!server) GTEST_SKIP() << server.error().message;
        server_ = *server;
        auto name = server_->create_database();
        ASSERT_TRUE(name) << name.error().message;
        database_ = *name;
    }
    void TearDown() override {
        if (server_ != nullptr) server_->drop_database(database_);
    }
    void execute(const std::string& sql) {
        const auto done = server_->execute(database_, sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    [[nodiscard]] std::string uri() const { return server_->uri(database_); }
    /// The error of opening it. REQUIRES: it cannot be opened.
    Error open_error(const std::string& uri) {
        const auto store = open_postgres_store(uri);
        return store ? Error{ErrorKind::usage, "it opened"} : store.error();
    }

    PostgresServer* server_ = nullptr;
    std::string database_;
};

TEST_P(PostgresStoreTest, RefusesTheDatabaseOfAnotherProgram) {
    execute("CREATE TABLE urls (url TEXT)");
    const Error error = open_error(uri());
    EXPECT_EQ(error.kind, ErrorKind::config);
    EXPECT_NE(error.message.find("another program"), std::string::npos) << error.message;
    EXPECT_NE(error.message.find(database_), std::string::npos) << error.message;
}

TEST_P(PostgresStoreTest, RefusesANewerSchema) {
    ASSERT_TRUE(open(uri()));
    execute("UPDATE minewarden_schema SET version = version + 1");
    const Error error = open_error(uri());
    EXPECT_EQ(error.kind, ErrorKind::config);
    EXPECT_NE(error.message.find("newer minewarden-collector"), std::string::npos) << error.message;
}

TEST_P(PostgresStoreTest, RefusesAnUnknownDatabaseOrRole) {
    const Error database = open_error(server_->uri("missing"));
    EXPECT_EQ(database.kind, ErrorKind::config) << database.message;
    EXPECT_NE(database.message.find("does not exist"), std::string::npos) << database.message;
    const std::string other = uri().replace(uri().rfind("postgres"), 8, "nosuch");
    EXPECT_EQ(open_error(other).kind, ErrorKind::config);
}

TEST_P(PostgresStoreTest, StoresNothingAfterASchemaChange) {
    const auto store = open(uri());
    ASSERT_TRUE(store);
    Sender sender(*store);
    sender.send();
    execute("UPDATE minewarden_schema SET version = version + 1");
    execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(sender.try_next());
        std::this_thread::sleep_for(10 * pause);
    }
    const auto outcome = sender.try_next();
    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().message.find("newer"), std::string::npos) << outcome.error().message;
    execute("UPDATE minewarden_schema SET version = version - 1");
    sender.send();
    sender.expect_all_once();
}

// The collector cannot know if the commit was done.
TEST_P(PostgresStoreTest, StoresOnceIfTheConnectionBreaksDuringACommit) {
    CutOffProxy proxy(server_->directory());
    const auto store = open(proxy.uri(database_));
    ASSERT_TRUE(store);
    Sender sender(*store);
    sender.send();
    for (const auto cut : {CutOffProxy::Cut::before_commit, CutOffProxy::Cut::after_commit}) {
        const int before = proxy.cuts();
        proxy.cut(cut);
        const auto errors = sender.send();
        ASSERT_FALSE(errors.empty());
        EXPECT_EQ(errors.front().kind, ErrorKind::unavailable) << errors.front().message;
        EXPECT_EQ(proxy.cuts(), before + 1);
    }
    // The second commit had succeeded.
    EXPECT_EQ(sender.duplicates(), 1u);
    sender.send();
    sender.expect_all_once();
    EXPECT_GT(store->connection().connects, 2u);
}

TEST_P(PostgresStoreTest, AFullDiskFailsTheCommitAndLosesNothing) {
    const auto store = open(uri());
    ASSERT_TRUE(store);
    Sender sender(*store);
    sender.send();
    // The error of a server with a full disk.
    execute("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$");
    execute("CREATE TRIGGER full_disk BEFORE INSERT ON finding_bytes EXECUTE FUNCTION full_disk()");
    const auto outcome = sender.try_next();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::unavailable);
    EXPECT_NE(outcome.error().message.find("no space"), std::string::npos)
        << outcome.error().message;
    EXPECT_TRUE(store->status());
    execute("DROP TRIGGER full_disk ON finding_bytes");
    sender.send();
    sender.expect_all_once();
}

// A dump takes hours; writers and readers must not wait for it.
TEST_P(PostgresStoreTest, ALongTransactionOfAnotherProgramDelaysNothing) {
    const auto store = open(uri());
    ASSERT_TRUE(store);
    Sender sender(*store);
    sender.send();
    const std::unique_ptr<PGconn, void (*)(PGconn*)> dump(PQconnectdb(uri().c_str()), PQfinish);
    for (const char* sql :
         {"BEGIN ISOLATION LEVEL REPEATABLE READ", "LOCK TABLE findings IN ACCESS SHARE MODE",
          "SELECT count(*) FROM finding_bytes"})
        PQclear(PQexec(dump.get(), sql));
    ASSERT_EQ(PQtransactionStatus(dump.get()), PQTRANS_INTRANS) << PQerrorMessage(dump.get());
    EXPECT_TRUE(sender.send().empty());
    sender.expect_all_once();
}

TEST_P(PostgresStoreTest, ReplacesTextsThatTheServerRefuses) {
    const auto store = open(uri());
    ASSERT_TRUE(store);
    const StreamKey stream{random_id<CurvePublicKey>(), random_id<StreamId>()};
    auto opening = sample_opening(stream, std::string("web\0-\xff", 6));
    const auto delivery = SampleDelivery(stream).add(
        1, GapArrival{std::string("a\0b", 3), 1, new_year, new_year, "\xed\xa0\x80"});
    const std::vector<Arrival> arrivals{opening, delivery.get()};
    const auto outcome = store->commit(arrivals, new_year);
    ASSERT_TRUE(outcome) << outcome.error().message;
    const auto gaps = store->gaps({}, std::nullopt, 10);
    ASSERT_EQ(gaps->items.size(), 1u);
    EXPECT_EQ(gaps->items[0].place, "a\xef\xbf\xbd"
                                    "b");
    EXPECT_EQ(gaps->items[0].agent_name, "web\xef\xbf\xbd-\xef\xbf\xbd");
}

TEST_P(PostgresStoreTest, AWaitingCommitEndsWhenTheStoreMustFinish) {
    CutOffProxy proxy(server_->directory());
    const auto store = open(proxy.uri(database_));
    ASSERT_TRUE(store);
    Sender sender(*store);
    sender.send();
    proxy.cut(CutOffProxy::Cut::silence);
    std::thread ending([&] {
        std::this_thread::sleep_for(10 * pause);
        store->finish_within(pause);
    });
    const auto outcome = sender.try_next();
    ending.join();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::unavailable) << outcome.error().message;
}

INSTANTIATE_TEST_SUITE_P(, PostgresStoreTest, testing::Values(0),
                         [](const auto&) { return "postgres"; });

/// A server that the test may stop.
class PostgresServerTest : public testing::Test {
  protected:
    void SetUp() override {
        auto server = PostgresServer::start();
        if (!server) GTEST_SKIP() << server.error().message;
        server_.emplace(std::move(*server));
        auto name = server_->create_database();
        ASSERT_TRUE(name) << name.error().message;
        database_ = *name;
    }

    std::optional<PostgresServer> server_;
    std::string database_;
};

TEST_F(PostgresServerTest, OpensWithoutTheServerAndConnectsLater) {
    server_->kill();
    const auto store = open(server_->uri(database_));
    ASSERT_TRUE(store);
    EXPECT_EQ(store->status().error().kind, ErrorKind::unavailable);
    Sender sender(*store);
    EXPECT_EQ(sender.try_next().error().kind, ErrorKind::unavailable);
    const auto failures = store->connection().failures;
    EXPECT_GT(failures, 0u);
    // It does not retry during the pause.
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(sender.try_next());
    EXPECT_LT(store->connection().failures, failures + 100);
    server_->begin();
    sender.send();
    sender.expect_all_once();
}

TEST_F(PostgresServerTest, ARestartedOrKilledServerLosesNothing) {
    const auto store = open(server_->uri(database_));
    ASSERT_TRUE(store);
    Sender sender(*store);
    sender.send();
    server_->restart();
    sender.send();
    server_->kill();
    EXPECT_EQ(sender.try_next().error().kind, ErrorKind::unavailable);
    server_->begin();
    sender.send();
    sender.expect_all_once();
}

TEST_F(PostgresServerTest, ChangesToAPromotedStandby) {
    server_->start_standby();
    const auto store = open(server_->uri_with_standby(database_));
    ASSERT_TRUE(store);
    Sender sender(*store);
    sender.send();
    sender.send();
    server_->kill();
    // The standby is still read-only.
    EXPECT_EQ(sender.try_next().error().kind, ErrorKind::unavailable);
    server_->promote_standby();
    sender.send();
    sender.expect_all_once();
}

} // namespace
} // namespace minewarden::collector
