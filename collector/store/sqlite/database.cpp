// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sqlite/database.h"

#include "common/error.h"

#include <fmt/core.h>

namespace minewarden::collector::sqlite {
namespace {

constexpr int busy_timeout_ms = 5000;
/// Steps of the virtual machine between two checks of the deadline.
constexpr int steps_per_look = 10000;

ErrorKind kind_of(int code) {
    switch (code & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
        return ErrorKind::config;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return ErrorKind::permission;
    case SQLITE_CORRUPT:
        return ErrorKind::data;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
    case SQLITE_NOMEM:
        return ErrorKind::unavailable;
    default:
        return ErrorKind::internal;
    }
}

} // namespace

Error last_error(sqlite3* connection, std::string_view what) {
    const int code = sqlite3_extended_errcode(connection);
    Error error{kind_of(code), fmt::format("{}: {}", what, sqlite3_errmsg(connection))};
    // SQLite only says that it cannot open the file.
    if ((code & 0xff) == SQLITE_CANTOPEN)
        error.message += fmt::format(" ({})", errno_text(sqlite3_system_errno(connection)));
    return error;
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        // A finished statement must be reset before it accepts new values.
        reset();
        return false;
    }
    Error error = last_error(sqlite3_db_handle(statement_.get()), "database");
    reset();
    return fail(std::move(error));
}

Result<void> Statement::run() {
    for (;;) {
        TRY_ASSIGN(const auto row, step());
        if (!row) break;
    }
    reset();
    return {};
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

ByteView Statement::blob(int column) const {
    const void* data = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Statement::bind_integer(int index, std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), index, value);
}

void Statement::bind_text(int index, std::string_view text) {
    // A null pointer would bind NULL instead of an empty text.
    sqlite3_bind_text64(statement_.get(), index, text.data() == nullptr ? "" : text.data(),
                        text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind_blob(int index, ByteView blob) {
    if (blob.empty())
        sqlite3_bind_zeroblob(statement_.get(), index, 0);
    else
        sqlite3_bind_blob64(statement_.get(), index, blob.data(), blob.size(), SQLITE_STATIC);
}

void Statement::bind_null(int index) {
    sqlite3_bind_null(statement_.get(), index);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& path,
                                                     Access access) {
    auto connection = std::make_unique<Connection>();
    sqlite3* handle = nullptr;
    const int flags = (access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                               : SQLITE_OPEN_READONLY) |
                      SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    connection->connection_.reset(handle); // set also if opening failed
    if (code != SQLITE_OK) return fail(last_error(handle, path.string()));
    sqlite3_busy_timeout(handle, busy_timeout_ms);
    sqlite3_extended_result_codes(handle, 1);
    // A foreign database must not run its triggers and views with our rights.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    return connection;
}

Result<std::unique_ptr<sql::Statement>> Connection::prepare(std::string_view sql, Use use) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                           use == Use::often ? SQLITE_PREPARE_PERSISTENT : 0, &statement,
                           nullptr) != SQLITE_OK)
        return fail(last_error(connection_.get(), "database"));
    return std::unique_ptr<sql::Statement>(std::make_unique<Statement>(statement));
}

Result<void> Connection::execute(const std::string& sql) {
    if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return fail(last_error(connection_.get(), "database"));
    return {};
}

Result<void> Connection::begin() {
    // Takes the write lock at once: a read transaction that starts to write cannot wait for it.
    return execute("BEGIN IMMEDIATE");
}

void Connection::roll_back() {
    // SQLite rolls back by itself after some errors.
    if (sqlite3_get_autocommit(connection_.get()) == 0) (void)execute("ROLLBACK");
}

void Connection::set_deadline(std::chrono::steady_clock::time_point deadline) {
    deadline_ = deadline;
    const auto is_late = [](void* self) {
        return static_cast<int>(std::chrono::steady_clock::now() >
                                static_cast<Connection*>(self)->deadline_);
    };
    sqlite3_progress_handler(connection_.get(), steps_per_look, is_late, this);
}

} // namespace minewarden::collector::sqlite
