// SPDX-License-Identifier: Apache-2.0
// RAII over the SQLite C interface.
#pragma once

#include "collector/store/sql/database.h"

#include <filesystem>
#include <sqlite3.h>

namespace minewarden::collector::sqlite {

/// The last error of a connection. Kinds: `config` for "not a database", `unavailable` for a full
/// disk or a lock, `internal` for constraints and misuse.
[[nodiscard]] Error last_error(sqlite3* connection, std::string_view what);

class Statement final : public sql::Statement {
  public:
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

    Result<bool> step() override;
    Result<void> run() override;
    void reset() override { sqlite3_reset(statement_.get()); }

    [[nodiscard]] std::int64_t integer(int column) const override;
    [[nodiscard]] ByteView blob(int column) const override;
    [[nodiscard]] bool is_null(int column) const override;

    void bind_integer(int index, std::int64_t value) override;
    void bind_text(int index, std::string_view text) override;
    void bind_blob(int index, ByteView blob) override;
    void bind_null(int index) override;

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Connection final : public sql::Connection {
  public:
    enum class Access { read, write };
    /// `write` creates the file.
    static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& path,
                                                    Access access);

    Result<std::unique_ptr<sql::Statement>> prepare(std::string_view sql,
                                                    Use use = Use::often) override;
    Result<void> execute(const std::string& sql) override;
    Result<void> begin() override;
    Result<void> commit() override { return execute("COMMIT"); }
    void roll_back() override;
    void set_deadline(std::chrono::steady_clock::time_point deadline) override;

  private:
    struct Close {
        void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
    };
    std::unique_ptr<sqlite3, Close> connection_;
    std::chrono::steady_clock::time_point deadline_;
};

} // namespace minewarden::collector::sqlite
