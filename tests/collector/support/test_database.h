// SPDX-License-Identifier: Apache-2.0
// Runs tests with both databases.
#pragma once

#include "collector/store/store.h"

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>

namespace minewarden::test {

enum class DatabaseKind { sqlite, postgres };
std::string to_string(DatabaseKind kind);
/// For GoogleTest.
void PrintTo(DatabaseKind kind, std::ostream* out);

/// A new, empty database, removed with the object. REQUIRES: no store of it is open then.
class TestDatabase {
  public:
    virtual ~TestDatabase() = default;

    /// nullptr, with the reason, if there is no server of this kind.
    static std::unique_ptr<TestDatabase> make(DatabaseKind kind, std::string& reason);

    /// The value for the setting collector.database.
    [[nodiscard]] virtual std::string setting() const = 0;
    Result<std::unique_ptr<collector::Store>> open() const;
};

/// A test for each database, skipped without a server. Derived fixtures start their SetUp with
/// `WithDatabase::SetUp(); if (IsSkipped()) return;`.
class WithDatabase : public testing::TestWithParam<DatabaseKind> {
  protected:
    void SetUp() override;
    /// REQUIRES: it can be opened.
    [[nodiscard]] std::unique_ptr<collector::Store> open_store() const;

    std::unique_ptr<TestDatabase> database_;
};

} // namespace minewarden::test

/// Instantiates a suite of WithDatabase: tests are named SUITE.TEST/sqlite and /postgres.
#define FOR_EACH_DATABASE(suite)                                                                   \
    INSTANTIATE_TEST_SUITE_P(                                                                      \
        , suite,                                                                                   \
        testing::Values(::minewarden::test::DatabaseKind::sqlite,                                  \
                        ::minewarden::test::DatabaseKind::postgres),                               \
        [](const auto& info) { return ::minewarden::test::to_string(info.param); })
