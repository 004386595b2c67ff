// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sqlite/sqlite_store.h"

#include "collector/store/sqlite/reader.h"
#include "collector/store/sqlite/schema.h"
#include "collector/store/sqlite/writer.h"
#include "common/fd.h"

#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <fcntl.h>
#include <mutex>

namespace minewarden::collector {
namespace {

using sqlite::Connection;

/// Measured with tests/bench/intake_bench: pages of 8 KiB and a checkpoint every 64 MiB of log take
/// findings a quarter faster than the defaults. The page size counts only for a new file.
constexpr auto writer_settings = "PRAGMA page_size = 8192;"
                                 "PRAGMA journal_mode = WAL;"
                                 "PRAGMA synchronous = FULL;"
                                 "PRAGMA wal_autocheckpoint = 8192;"
                                 "PRAGMA journal_size_limit = 67108864;"
                                 "PRAGMA cache_size = -65536;"
                                 "PRAGMA foreign_keys = ON;";
constexpr auto patient_reader_settings = "PRAGMA query_only = ON; PRAGMA cache_size = -1024;";
constexpr auto reader_settings = "PRAGMA query_only = ON; PRAGMA cache_size = -16384;";

Error cannot_use(const std::filesystem::path& path, int errno_value) {
    return system_error(ErrorKind::config, fmt::format("cannot use {}", path.string()),
                        errno_value);
}

/// Two writers would each trust their own memory of stream positions.
Result<Fd> lock(const std::filesystem::path& path) {
    const std::filesystem::path lock_path = path.string() + ".lock";
    Fd file(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file) return fail(cannot_use(lock_path, errno));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
    if (errno != EWOULDBLOCK) return fail(cannot_use(lock_path, errno));
    return fail(ErrorKind::config, fmt::format("{} is in use by another collector", path.string()));
}

/// The log and its index take their mode from the database file.
Result<void> make_private(const std::filesystem::path& path) {
    const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file || ::fchmod(file.get(), 0600) != 0) return fail(cannot_use(path, errno));
    return {};
}

class SqliteStore final : public Store {
  public:
    SqliteStore(Fd in_use, std::unique_ptr<sqlite::Writer> writer,
                std::unique_ptr<sqlite::Reader> reader,
                std::unique_ptr<sqlite::Reader> patient_reader)
        : in_use_(std::move(in_use)),
          writer_(std::move(writer)),
          reader_(std::move(reader)),
          patient_reader_(std::move(patient_reader)) {}

    Result<Outcome> commit(std::span<const Arrival> arrivals, WallTime now) override {
        const std::lock_guard guard(writing_);
        return writer_->commit(arrivals, now);
    }
    Result<void> put_recomputations(std::span<const RecomputedFinding> recomputed) override {
        const std::lock_guard guard(writing_);
        return writer_->put(recomputed);
    }
    Result<std::optional<StoredFinding>> finding_at(Cursor cursor) override {
        const std::lock_guard guard(reading_patiently_);
        if (cursor == 0) return std::nullopt;
        TRY_ASSIGN(auto page, patient_reader_->findings({.after = cursor - 1, .limit = 1}));
        if (page.findings.empty() || page.findings.front().cursor != cursor) return std::nullopt;
        return std::move(page.findings.front());
    }
    Result<FindingPage> findings(const FindingFilter& filter) override {
        const std::lock_guard guard(reading_);
        return reader_->findings(filter);
    }
    Result<std::vector<StoredFinding>> find(const FindingIdPrefix& id, std::size_t limit) override {
        const std::lock_guard guard(reading_);
        return reader_->find(id, limit);
    }
    Result<std::vector<StoredFinding>> history(const CurvePublicKey& agent, const FindingId& id,
                                               std::size_t limit) override {
        const std::lock_guard guard(reading_);
        return reader_->history(agent, id, limit);
    }
    Result<std::vector<StoredAgent>> agents() override {
        const std::lock_guard guard(reading_);
        return reader_->agents();
    }
    Result<GapPage> gaps(const GapFilter& filter) override {
        const std::lock_guard guard(reading_);
        return reader_->gaps(filter);
    }
    Result<VisibilityPage> visibility(const VisibilityFilter& filter) override {
        const std::lock_guard guard(reading_);
        return reader_->visibility(filter);
    }
    Result<std::optional<wire::RuleSet>> rule_set(const Digest& digest) override {
        const std::lock_guard guard(reading_);
        return reader_->rule_set(digest);
    }
    Result<StoreStatus> status() override {
        const std::lock_guard guard(reading_);
        return reader_->status();
    }

  private:
    Fd in_use_;
    std::mutex writing_;
    std::unique_ptr<sqlite::Writer> writer_;
    std::mutex reading_;
    std::unique_ptr<sqlite::Reader> reader_;
    /// Of the thread of lowest priority, so that nobody ever waits for it.
    std::mutex reading_patiently_;
    std::unique_ptr<sqlite::Reader> patient_reader_;
};

Result<std::unique_ptr<sqlite::Reader>> open_reader(const std::filesystem::path& path,
                                                    const std::string& settings) {
    TRY_ASSIGN(auto reading, Connection::open(path, Connection::Access::read));
    TRY(reading.execute(settings));
    return sqlite::Reader::open(std::move(reading));
}

Result<Connection> open_for_writing(const std::filesystem::path& path) {
    TRY(make_private(path));
    auto connection = Connection::open(path, Connection::Access::write);
    if (!connection) return connection;
    // Before anything of the file is changed.
    TRY(sqlite::check_usable(*connection, path, sqlite::current_schema_version()));
    TRY(connection->execute(writer_settings));
    TRY(sqlite::migrate(*connection, path, sqlite::current_schema_version()));
    return connection;
}

Result<std::unique_ptr<Store>> open_locked(const std::filesystem::path& path, Fd in_use) {
    TRY_ASSIGN(auto writing, open_for_writing(path));
    TRY_ASSIGN(auto writer, sqlite::Writer::open(std::move(writing)));
    TRY_ASSIGN(auto reader, open_reader(path, reader_settings));
    TRY_ASSIGN(auto patient_reader, open_reader(path, patient_reader_settings));
    return std::unique_ptr<Store>(std::make_unique<SqliteStore>(
        std::move(in_use), std::move(writer), std::move(reader), std::move(patient_reader)));
}

} // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& path) {
    TRY_ASSIGN(auto in_use, lock(path));
    auto store = open_locked(path, std::move(in_use));
    if (store || store.error().message.find(path.string()) != std::string::npos) return store;
    // What SQLite says does not name the file.
    return fail(store.error().kind, fmt::format("{}: {}", path.string(), store.error().message));
}

} // namespace minewarden::collector
