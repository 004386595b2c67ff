// SPDX-License-Identifier: Apache-2.0
// Only for the SQLite store: its file, schema version and lock.
#include "collector/store/sql/tables.h"
#include "collector/store/sqlite/database.h"
#include "collector/store/sqlite/sqlite_store.h"
#include "common/file.h"
#include "tests/collector/support/samples.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

namespace minewarden::collector {
namespace {

using sqlite::Connection;
using test::new_year;
using test::random_id;
using test::sample_finding;
using test::sample_opening;
using test::SampleDelivery;

class SqliteStoreTest : public testing::Test {
  protected:
    /// REQUIRES: the store cannot be opened
    Error open_error() {
        const auto store = open_sqlite_store(path_);
        return store ? Error{ErrorKind::usage, "it opened"} : store.error();
    }
    std::unique_ptr<Connection> raw() {
        return std::move(*Connection::open(path_, Connection::Access::write));
    }

    TemporaryDirectory directory_;
    std::filesystem::path path_ = directory_.path() / "collector.sqlite";
};

TEST_F(SqliteStoreTest, CreatesAFileForItsOwnerOnly) {
    const auto store = open_sqlite_store(path_);
    ASSERT_TRUE(store) << store.error().message;
    for (const char* suffix : {"", "-wal", "-shm"}) {
        struct stat status{};
        ASSERT_EQ(::stat((path_.string() + suffix).c_str(), &status), 0) << suffix;
        EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
    }
    EXPECT_EQ((*store)->status()->schema_version, sql::schema_version);
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsNotADatabase) {
    const std::string content(8192, 'x');
    ASSERT_TRUE(write_file_atomically(path_, content, 0600));
    const Error error = open_error();
    EXPECT_EQ(error.kind, ErrorKind::config) << error.message;
    EXPECT_NE(error.message.find(path_.string()), std::string::npos) << error.message;
    EXPECT_NE(error.message.find("not a database"), std::string::npos) << error.message;
    EXPECT_EQ(*read_file(path_, 10000), content);
}

TEST_F(SqliteStoreTest, RefusesTheDatabaseOfAnotherProgram) {
    ASSERT_TRUE(raw()->execute("CREATE TABLE urls (url TEXT)"));
    const Error error = open_error();
    EXPECT_EQ(error.kind, ErrorKind::config);
    EXPECT_NE(error.message.find("another program"), std::string::npos) << error.message;
}

TEST_F(SqliteStoreTest, RefusesANewerSchema) {
    ASSERT_TRUE(open_sqlite_store(path_));
    const int newer = sql::schema_version + 1;
    ASSERT_TRUE(raw()->execute("PRAGMA user_version = " + std::to_string(newer)));
    const Error error = open_error();
    EXPECT_EQ(error.kind, ErrorKind::config);
    EXPECT_NE(error.message.find("newer minewarden-collector"), std::string::npos) << error.message;
}

TEST_F(SqliteStoreTest, RefusesAMissingDirectory) {
    path_ = directory_.path() / "missing/collector.sqlite";
    EXPECT_EQ(open_error().kind, ErrorKind::config);
}

TEST_F(SqliteStoreTest, RefusesAFileInUse) {
    const auto store = open_sqlite_store(path_);
    ASSERT_TRUE(store);
    const Error error = open_error();
    EXPECT_EQ(error.kind, ErrorKind::config);
    EXPECT_NE(error.message.find("in use"), std::string::npos) << error.message;
}

TEST_F(SqliteStoreTest, RefusesASchemaFromBeforeTheFirstRelease) {
    ASSERT_TRUE(open_sqlite_store(path_));
    ASSERT_TRUE(raw()->execute("PRAGMA user_version = 4"));
    const Error error = open_error();
    EXPECT_EQ(error.kind, ErrorKind::config);
    EXPECT_NE(error.message.find("before the first release"), std::string::npos) << error.message;
}

/// Limits the files of this process to `bytes`, as a full disk does.
class FileSizeLimit {
  public:
    explicit FileSizeLimit(rlim_t bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

  private:
    rlimit before_{};
};

TEST_F(SqliteStoreTest, AFullDiskFailsTheCommitAndLosesNothing) {
    auto store = open_sqlite_store(path_);
    ASSERT_TRUE(store);
    const StreamKey stream{random_id<CurvePublicKey>(), random_id<StreamId>()};
    const std::vector<Arrival> opening{sample_opening(stream)};
    ASSERT_TRUE((*store)->commit(opening, new_year));
    wire::Finding finding = sample_finding();
    const auto first = SampleDelivery(stream).add(1, finding);
    const std::vector<Arrival> kept{first.get()};
    ASSERT_TRUE((*store)->commit(kept, new_year));

    finding.set_version(2);
    test::set_record(finding, std::string(1 << 20, 'r'));
    const auto second = SampleDelivery(stream).add(2, finding);
    const std::vector<Arrival> lost{second.get()};
    {
        const FileSizeLimit full(512 << 10);
        const auto outcome = (*store)->commit(lost, new_year);
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().kind, ErrorKind::unavailable) << outcome.error().message;
        EXPECT_TRUE((*store)->status());
    }
    const auto outcome = (*store)->commit(lost, new_year);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->positions.front(), 2u);
    const auto current = (*store)->findings_after({.current_only = true}, Cursor(), 10);
    ASSERT_EQ(current->findings.size(), 1u);
    EXPECT_EQ(current->findings[0].finding.version(), 2u);
}

// Ids are found in the tail, in the sorted runs, and in runs that were merged (finding_index.h).
TEST_F(SqliteStoreTest, FindsAndSupersedesAcrossIndexRuns) {
    auto store = *open_sqlite_store(path_);
    const StreamKey stream{random_id<CurvePublicKey>(), random_id<StreamId>()};
    const auto commit = [&](Arrival arrival) {
        const std::vector<Arrival> arrivals{std::move(arrival)};
        ASSERT_TRUE(store->commit(arrivals, new_year));
    };
    commit(sample_opening(stream));
    const wire::Finding early = sample_finding();
    const wire::Finding late = sample_finding();
    wire::Finding filler = sample_finding();
    filler.set_version(2);
    std::uint64_t sequence = 0;
    commit(SampleDelivery(stream).add(++sequence, early).get());
    for (int batch = 0; batch < 15; ++batch) {
        SampleDelivery delivery(stream);
        for (int i = 0; i < 10000; ++i) delivery.add(++sequence, filler);
        commit(delivery.get());
    }
    commit(SampleDelivery(stream).add(++sequence, late).get());
    const auto find = [&](const wire::Finding& finding) {
        return *store->find(*FindingIdPrefix::parse(to_hex(as_bytes(finding.id()))), 10);
    };
    EXPECT_EQ(find(early).size(), 1u);
    EXPECT_EQ(find(late).size(), 1u);
    store.reset();
    store = *open_sqlite_store(path_);
    commit(sample_opening(stream));
    for (wire::Finding finding : {early, late}) {
        finding.set_version(2);
        commit(SampleDelivery(stream).add(++sequence, finding).get());
        ASSERT_EQ(find(finding).size(), 1u);
        EXPECT_EQ(find(finding)[0].finding.version(), 2u);
    }
    EXPECT_EQ(store->findings_after({.current_only = true}, Cursor(), 10)->findings.size(), 3u);
}

} // namespace
} // namespace minewarden::collector
