// SPDX-License-Identifier: Apache-2.0
// RAII over the SQLite C interface, with Result in place of codes.
#pragma once

#include "common/bytes.h"
#include "common/result.h"

#include <concepts>
#include <filesystem>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <string_view>

namespace minewarden::collector::sqlite {

/// The last error of a connection as one of ours: "not a database" is `config`, a full disk or a
/// lock is `unavailable`, constraints and misuse are `internal`.
[[nodiscard]] Error last_error(sqlite3* connection, std::string_view what);

/// A prepared statement. One thread at a time; must not outlive its connection.
class Statement {
  public:
    Statement() = default;

    /// Binds ?1, ?2, ... in order. Text and blobs are not copied: they must live until the
    /// statement has run. An empty optional is NULL.
    template <class... Values>
    Statement& bind(const Values&... values) {
        int index = 0;
        (bind_one(++index, values), ...);
        return *this;
    }

    /// True while there is a row. Reset after the last row, by run() or by reset().
    Result<bool> step();
    /// For statements without rows: executes and resets.
    Result<void> run();
    void reset();

    // REQUIRES: step() returned true. Views are valid until the next step or reset.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] ByteView blob(int column) const;
    [[nodiscard]] bool is_null(int column) const;

  private:
    friend class Connection;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

    void bind_one(int index, std::int64_t value);
    void bind_one(int index, std::string_view text);
    void bind_one(int index, ByteView blob);
    void bind_one(int index, std::nullopt_t);
    template <std::integral Value>
    void bind_one(int index, Value value) {
        bind_one(index, static_cast<std::int64_t>(value));
    }
    template <class Tag, std::size_t Size>
    void bind_one(int index, const Opaque<Tag, Size>& value) {
        bind_one(index, value.view());
    }
    template <class Value>
    void bind_one(int index, const std::optional<Value>& value) {
        if (value)
            bind_one(index, *value);
        else
            bind_one(index, std::nullopt);
    }

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// An open database. One thread at a time.
class Connection {
  public:
    enum class Access { read, write };
    /// `write` creates the file.
    static Result<Connection> open(const std::filesystem::path& path, Access access);

    Result<Statement> prepare(std::string_view sql);
    /// Several statements separated by ';', without parameters or rows.
    Result<void> execute(const std::string& sql);
    /// The first column of the first row, for PRAGMA and the like.
    Result<std::int64_t> number(std::string_view sql);
    [[nodiscard]] sqlite3* handle() const { return connection_.get(); }

  private:
    struct Close {
        void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
    };
    std::unique_ptr<sqlite3, Close> connection_;
};

/// Rolls back unless committed.
class Transaction {
  public:
    static Result<Transaction> begin(Connection& connection);
    Transaction(Transaction&& other) noexcept
        : connection_(std::exchange(other.connection_, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Result<void> commit();

  private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
};

} // namespace minewarden::collector::sqlite
