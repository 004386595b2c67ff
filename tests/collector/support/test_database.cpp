// SPDX-License-Identifier: Apache-2.0
#include "tests/collector/support/test_database.h"

#include "collector/service.h"
#include "tests/collector/support/postgres_server.h"
#include "tests/support/temporary_directory.h"

namespace minewarden::test {
namespace {

class SqliteDatabase final : public TestDatabase {
  public:
    [[nodiscard]] std::string setting() const override {
        return (directory_.path() / "collector.sqlite").string();
    }

  private:
    TemporaryDirectory directory_;
};

class PostgresDatabase final : public TestDatabase {
  public:
    PostgresDatabase(PostgresServer& server, std::string name)
        : server_(server), name_(std::move(name)) {}
    PostgresDatabase(const PostgresDatabase&) = delete;
    PostgresDatabase& operator=(const PostgresDatabase&) = delete;
    ~PostgresDatabase() override { server_.drop_database(name_); }

    [[nodiscard]] std::string setting() const override { return server_.uri(name_); }

  private:
    PostgresServer& server_;
    std::string name_;
};

} // namespace

std::string to_string(DatabaseKind kind) {
    return kind == DatabaseKind::sqlite ? "sqlite" : "postgres";
}

void PrintTo(DatabaseKind kind, std::ostream* out) {
    *out << to_string(kind);
}

std::unique_ptr<TestDatabase> TestDatabase::make(DatabaseKind kind, std::string& reason) {
    if (kind == DatabaseKind::sqlite) return std::make_unique<SqliteDatabase>();
    const auto server = PostgresServer::shared();
    if (!server) {
        reason = server.error().message;
        return nullptr;
    }
    auto name = (*server)->create_database();
    EXPECT_TRUE(name) << name.error().message;
    if (!name) return nullptr;
    return std::make_unique<PostgresDatabase>(**server, std::move(*name));
}

Result<std::unique_ptr<collector::Store>> TestDatabase::open() const {
    return collector::open_store(setting());
}

void WithDatabase::SetUp() {
    std::string reason;
    database_ = TestDatabase::make(GetParam(), reason);
    if (database_ == nullptr) GTEST_SKIP() << reason;
}

std::unique_ptr<collector::Store> WithDatabase::open_store() const {
    auto store = database_->open();
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
}

} // namespace minewarden::test
