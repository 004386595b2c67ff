// SPDX-License-Identifier: Apache-2.0
#include "tests/collector/support/test_database.h"

#include "collector/service.h"
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

} // namespace

std::string to_string(DatabaseKind kind) {
    return kind == DatabaseKind::sqlite ? "sqlite" : "postgres";
}

std::unique_ptr<TestDatabase> TestDatabase::make(DatabaseKind kind, std::string& reason) {
    if (kind == DatabaseKind::sqlite) return std::make_unique<SqliteDatabase>();
    reason = "no PostgreSQL";
    return nullptr;
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
