// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/sql_store.h"

#include "collector/store/sql/cursor_row.h"
#include "collector/store/sql/draw_rows.h"

namespace minewarden::collector::sql {
namespace {

/// Concurrent queries: more would only share the same disk and memory.
constexpr std::size_t readers = 4;

} // namespace

/// Holds the store's lock for writing.
class SqlStore::Unit final : public UnitOfWork {
  public:
    Unit(std::unique_lock<std::mutex> lock, std::unique_ptr<Writer>& writer)
        : lock_(std::move(lock)), writer_(writer) {}
    Unit(const Unit&) = delete;
    Unit& operator=(const Unit&) = delete;
    ~Unit() override {
        if (!is_committed_) writer_->roll_back();
        if (writer_->is_lost()) writer_.reset();
    }

    Result<Outcome> take(std::span<const Arrival> arrivals, WallTime now) override {
        return writer_->take(arrivals, now);
    }
    Result<void> put(std::span<const RecomputedFinding> recomputed) override {
        return writer_->put(recomputed);
    }
    Result<bool> advance(std::string_view follower, std::optional<Cursor> from,
                         Cursor to) override {
        return writer_->advance(follower, from, to);
    }
    Result<RetentionStep> remove_expired(const RetentionPolicy& policy, RetentionProgress& progress,
                                         WallTime now) override {
        return writer_->remove_expired(policy, progress, now);
    }
    Result<void> commit() override {
        TRY(writer_->commit());
        is_committed_ = true;
        return {};
    }

  private:
    std::unique_lock<std::mutex> lock_;
    std::unique_ptr<Writer>& writer_;
    bool is_committed_ = false;
};

SqlStore::SqlStore(std::unique_ptr<Driver> driver)
    : driver_(std::move(driver)), readers_(*driver_, readers), patient_reader_(*driver_, 1) {
    fill_random(self_.bytes);
}

Result<void> SqlStore::check() {
    const std::lock_guard guard(writing_);
    TRY(writer());
    TRY(last_finding());
    return {};
}

Result<Writer*> SqlStore::writer() {
    if (!writer_) {
        TRY_ASSIGN(writer_, Writer::open(*driver_, self_));
    }
    return writer_.get();
}

Result<std::unique_ptr<UnitOfWork>> SqlStore::begin() {
    std::unique_lock lock(writing_);
    TRY_ASSIGN(Writer * writing, writer());
    auto unit = std::make_unique<Unit>(std::move(lock), writer_);
    TRY(writing->begin());
    return std::unique_ptr<UnitOfWork>(std::move(unit));
}

Result<bool> SqlStore::give_space_back() {
    const std::lock_guard guard(writing_);
    TRY_ASSIGN(Writer * writing, writer());
    return driver_->give_space_back(writing->connection());
}

Result<StoreStatus> SqlStore::status() {
    return readers_.ask([](Reader& reader) { return reader.status.status(); });
}

Result<FindingList> SqlStore::newest_findings(const FindingFilter& filter,
                                              std::optional<Cursor> before, std::size_t limit) {
    return readers_.ask(
        [&](Reader& reader) { return reader.findings.newest(filter, before, limit); });
}

Result<MatchCount> SqlStore::count_findings(const FindingFilter& filter) {
    return readers_.ask([&](Reader& reader) { return reader.findings.count(filter); });
}

Result<FindingPage> SqlStore::findings_after(const FindingFilter& filter, Cursor after,
                                             std::size_t limit) {
    return readers_.ask(
        [&](Reader& reader) { return reader.findings.after(filter, after, limit); });
}

Result<std::vector<StoredFinding>> SqlStore::whole_findings_after(Cursor after, std::size_t limit) {
    return readers_.ask([&](Reader& reader) { return reader.findings.whole_after(after, limit); });
}

Result<Cursor> SqlStore::last_finding() {
    return readers_.ask([](Reader& reader) { return reader.findings.last(); });
}

Result<std::vector<StoredFinding>> SqlStore::find(const FindingIdPrefix& id, std::size_t limit) {
    return readers_.ask([&](Reader& reader) { return reader.findings.find(id, limit); });
}

Result<std::vector<FindingSummary>> SqlStore::history(const CurvePublicKey& agent,
                                                      const FindingId& id, std::size_t limit) {
    return readers_.ask([&](Reader& reader) { return reader.findings.history(agent, id, limit); });
}

Result<std::optional<StoredFinding>>
SqlStore::find_version(const CurvePublicKey& agent, const FindingId& id, std::uint32_t version) {
    return readers_.ask(
        [&](Reader& reader) { return reader.findings.find_version(agent, id, version); });
}

Result<std::optional<wire::RuleSet>> SqlStore::rule_set(const Digest& digest) {
    return readers_.ask([&](Reader& reader) { return reader.findings.rule_set(digest); });
}

Result<std::vector<StoredAgent>> SqlStore::agents() {
    return readers_.ask([](Reader& reader) { return reader.fleet.agents(); });
}

Result<FleetList<StoredGap>> SqlStore::gaps(const GapFilter& filter, std::optional<Cursor> before,
                                            std::size_t limit) {
    return readers_.ask([&](Reader& reader) { return reader.fleet.gaps(filter, before, limit); });
}

Result<MatchCount> SqlStore::count_gaps(const GapFilter& filter) {
    return readers_.ask([&](Reader& reader) { return reader.fleet.count_gaps(filter); });
}

Result<FleetList<StoredVisibility>> SqlStore::visibility(const VisibilityFilter& filter,
                                                         std::optional<Cursor> before,
                                                         std::size_t limit) {
    return readers_.ask(
        [&](Reader& reader) { return reader.fleet.visibility(filter, before, limit); });
}

Result<MatchCount> SqlStore::count_visibility(const VisibilityFilter& filter) {
    return readers_.ask([&](Reader& reader) { return reader.fleet.count_visibility(filter); });
}

Result<std::optional<StoredVisibility>> SqlStore::visibility_at(Cursor cursor) {
    return readers_.ask([&](Reader& reader) { return reader.fleet.visibility_at(cursor); });
}

Result<FindingSample> SqlStore::sample(Cursor after, const SampleSize& size,
                                       std::mt19937_64& random) {
    return patient_reader_.ask([&](Reader& reader) -> Result<FindingSample> {
        TRY_ASSIGN(const auto last, reader.findings.last());
        const DrawnRows drawn =
            draw_rows(CursorRow::row(after), CursorRow::row(last), size, random);
        FindingSample sample{{}, drawn.skipped, last};
        for (const std::int64_t row : drawn.rows) sample.chosen.push_back(CursorRow::cursor(row));
        return sample;
    });
}

Result<std::optional<StoredFinding>> SqlStore::finding_at(Cursor cursor) {
    return patient_reader_.ask([&](Reader& reader) { return reader.findings.at(cursor); });
}

Result<std::optional<Cursor>> SqlStore::follower_position(std::string_view follower) {
    return patient_reader_.ask(
        [&](Reader& reader) { return reader.status.follower_position(follower); });
}

} // namespace minewarden::collector::sql
