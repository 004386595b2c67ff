// SPDX-License-Identifier: Apache-2.0
// The database interface of the store: connections, transactions, statements. SQLite and PostgreSQL
// implement it. Both use the same SQL, with parameters ?1, ?2, ...
#pragma once

#include "common/bytes.h"
#include "common/result.h"

#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden::collector::sql {

/// A prepared statement. One thread at a time. Must not outlive its connection.
class Statement {
  public:
    virtual ~Statement() = default;

    /// Binds ?1, ?2, ... in order. Text and blobs are not copied: they must live until the
    /// statement has run. An empty optional is NULL.
    template <class... Values>
    Statement& bind(const Values&... values) {
        int index = 0;
        (bind_one(++index, values), ...);
        return *this;
    }

    /// True if there is a row. Resets after the last row, as run() and reset() do.
    virtual Result<bool> step() = 0;
    /// For statements without rows: executes and resets. PostgreSQL may only send it; the next
    /// step() on the connection, or commit(), then returns its error.
    virtual Result<void> run() = 0;
    virtual void reset() = 0;

    // REQUIRES: step() returned true. Views are valid until the next step or reset.
    [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
    [[nodiscard]] virtual ByteView blob(int column) const = 0;
    [[nodiscard]] virtual bool is_null(int column) const = 0;
    [[nodiscard]] std::string_view text(int column) const { return as_text(blob(column)); }

    // One parameter at a time; same rules as bind().
    virtual void bind_integer(int index, std::int64_t value) = 0;
    virtual void bind_text(int index, std::string_view text) = 0;
    virtual void bind_blob(int index, ByteView blob) = 0;
    virtual void bind_null(int index) = 0;

  private:
    template <std::integral Value>
    void bind_one(int index, Value value) {
        bind_integer(index, static_cast<std::int64_t>(value));
    }
    void bind_one(int index, std::string_view text) { bind_text(index, text); }
    void bind_one(int index, ByteView blob) { bind_blob(index, blob); }
    void bind_one(int index, std::nullopt_t) { bind_null(index); }
    template <class Tag, std::size_t Size>
    void bind_one(int index, const Opaque<Tag, Size>& value) {
        bind_blob(index, value.view());
    }
    template <class Value>
    void bind_one(int index, const std::optional<Value>& value) {
        if (value)
            bind_one(index, *value);
        else
            bind_null(index);
    }
};

/// A connection. One thread at a time.
class Connection {
  public:
    enum class Use {
        often, ///< prepared once and kept
        once
    };

    virtual ~Connection() = default;

    virtual Result<std::unique_ptr<Statement>> prepare(std::string_view sql,
                                                       Use use = Use::often) = 0;
    /// Runs several statements, separated by ';', without parameters or rows.
    virtual Result<void> execute(const std::string& sql) = 0;

    /// Begins the only transaction that writes to the database: see UnitOfWork.
    virtual Result<void> begin() = 0;
    /// Durable when it returns.
    virtual Result<void> commit() = 0;
    /// Ends a transaction that was not committed.
    virtual void roll_back() = 0;

    /// Statements that are not done by then fail (kind unavailable).
    virtual void set_deadline(std::chrono::steady_clock::time_point deadline) = 0;
    /// True if the connection cannot be used any more: connect again.
    [[nodiscard]] virtual bool is_lost() const { return false; }
};

} // namespace minewarden::collector::sql
