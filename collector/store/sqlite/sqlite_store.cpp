// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sqlite/sqlite_store.h"

#include "collector/store/sql/sql_store.h"
#include "collector/store/sqlite/database.h"
#include "collector/store/sqlite/finding_table.h"
#include "collector/store/sqlite/schema.h"
#include "common/fd.h"

#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <thread>

namespace minewarden::collector {
namespace {

using sqlite::Connection;

/// Measured with tests/bench/intake_bench: pages of 8 KiB and a checkpoint every 64 MiB of log
/// store findings a quarter faster than the defaults. The page size and auto_vacuum, which frees
/// the space of deleted rows, only affect a new file.
constexpr auto writer_settings = "PRAGMA page_size = 8192;"
                                 "PRAGMA auto_vacuum = INCREMENTAL;"
                                 "PRAGMA journal_mode = WAL;"
                                 "PRAGMA synchronous = FULL;"
                                 "PRAGMA wal_autocheckpoint = 8192;"
                                 "PRAGMA journal_size_limit = 67108864;"
                                 "PRAGMA cache_size = -65536;";
/// One step of give_space_back() moves 4 MiB of pages, so that no commit waits for long.
constexpr std::int64_t vacuum_pages = 512;
constexpr auto vacuum_step = "PRAGMA incremental_vacuum(512);";
constexpr auto reader_settings = "PRAGMA query_only = ON; PRAGMA cache_size = -8192;";

Error cannot_use(const std::filesystem::path& path, int errno_value) {
    return system_error(ErrorKind::config, fmt::format("cannot use {}", path.string()),
                        errno_value);
}

/// A killed collector may still be ending: the kernel finishes its last write first.
constexpr std::chrono::seconds lock_patience{2};
constexpr std::chrono::milliseconds lock_interval{20};

/// A second writer would have other cached stream positions.
Result<Fd> lock(const std::filesystem::path& path) {
    const std::filesystem::path lock_path = path.string() + ".lock";
    Fd file(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file) return fail(cannot_use(lock_path, errno));
    const auto deadline = std::chrono::steady_clock::now() + lock_patience;
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return fail(cannot_use(lock_path, errno));
        if (std::chrono::steady_clock::now() > deadline)
            return fail(ErrorKind::config,
                        fmt::format("{} is in use by another collector", path.string()));
        std::this_thread::sleep_for(lock_interval);
    }
    return file;
}

/// SQLite gives the log and its index the mode of the database file.
Result<void> make_private(const std::filesystem::path& path) {
    const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file || ::fchmod(file.get(), 0600) != 0) return fail(cannot_use(path, errno));
    return {};
}

class Driver final : public sql::Driver {
  public:
    Driver(std::filesystem::path path, Fd in_use)
        : path_(std::move(path)), in_use_(std::move(in_use)) {}

    Result<std::unique_ptr<sql::Connection>> connect_to_write() override {
        TRY(make_private(path_));
        TRY_ASSIGN(auto connection, Connection::open(path_, Connection::Access::write));
        // Before the file is changed.
        TRY_ASSIGN(const auto has_tables, sqlite::check_usable(*connection, path_));
        TRY(connection->execute(writer_settings));
        if (!has_tables) {
            TRY(sqlite::make_tables(*connection));
        }
        return std::unique_ptr<sql::Connection>(std::move(connection));
    }
    Result<std::unique_ptr<sql::Connection>> connect_to_read() override {
        TRY_ASSIGN(auto connection, Connection::open(path_, Connection::Access::read));
        TRY(connection->execute(reader_settings));
        return std::unique_ptr<sql::Connection>(std::move(connection));
    }
    Result<std::unique_ptr<sql::FindingTable>>
    open_finding_table(sql::Connection& connection) override {
        return sqlite::FindingTable::open(connection);
    }
    [[nodiscard]] std::string_view size_query() const override {
        return "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    }
    [[nodiscard]] bool is_shared() const override { return false; }
    [[nodiscard]] ConnectionCounters counters() const override { return {}; }
    Result<bool> give_space_back(sql::Connection& connection) override {
        TRY_ASSIGN(const auto free, sql::read_number(connection, "PRAGMA freelist_count"));
        if (free.value_or(0) == 0) return false;
        TRY(connection.execute(vacuum_step));
        return free.value_or(0) > vacuum_pages;
    }
    void finish_within(std::chrono::milliseconds) override {} // a file needs no waiting

  private:
    std::filesystem::path path_;
    Fd in_use_;
};

} // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& path) {
    TRY_ASSIGN(auto in_use, lock(path));
    auto store = std::make_unique<sql::SqlStore>(std::make_unique<Driver>(path, std::move(in_use)));
    if (auto usable = store->check(); !usable) {
        if (usable.error().message.find(path.string()) != std::string::npos)
            return fail(std::move(usable).error());
        // SQLite's message does not name the file.
        return fail(usable.error().kind,
                    fmt::format("{}: {}", path.string(), usable.error().message));
    }
    return std::unique_ptr<Store>(std::move(store));
}

} // namespace minewarden::collector
