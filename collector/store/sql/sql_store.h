// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sql/reader.h"
#include "collector/store/sql/writer.h"
#include "collector/store/store.h"

namespace minewarden::collector::sql {

/// The store over either database. Reopens a lost connection when it is next needed.
class SqlStore final : public Store {
  public:
    /// Opens no connection yet.
    explicit SqlStore(std::unique_ptr<Driver> driver);
    /// Opens the writer and a reader, to detect problems with the database at once.
    Result<void> check();

    Result<std::unique_ptr<UnitOfWork>> begin() override;
    Result<StoreStatus> status() override;
    [[nodiscard]] ConnectionCounters connection() const override { return driver_->counters(); }
    [[nodiscard]] bool is_shared() const override { return driver_->is_shared(); }
    Result<bool> give_space_back() override;
    void finish_within(std::chrono::milliseconds time) override { driver_->finish_within(time); }

    Result<FindingList> newest_findings(const FindingFilter& filter, std::optional<Cursor> before,
                                        std::size_t limit) override;
    Result<MatchCount> count_findings(const FindingFilter& filter) override;
    Result<FindingPage> findings_after(const FindingFilter& filter, Cursor after,
                                       std::size_t limit) override;
    Result<std::vector<StoredFinding>> whole_findings_after(Cursor after,
                                                            std::size_t limit) override;
    Result<Cursor> last_finding() override;
    Result<std::vector<StoredFinding>> find(const FindingIdPrefix& id, std::size_t limit) override;
    Result<std::vector<FindingSummary>> history(const CurvePublicKey& agent, const FindingId& id,
                                                std::size_t limit) override;
    Result<std::optional<StoredFinding>>
    find_version(const CurvePublicKey& agent, const FindingId& id, std::uint32_t version) override;
    Result<std::optional<wire::RuleSet>> rule_set(const Digest& digest) override;

    Result<std::vector<StoredAgent>> agents() override;
    Result<FleetList<StoredGap>> gaps(const GapFilter& filter, std::optional<Cursor> before,
                                      std::size_t limit) override;
    Result<MatchCount> count_gaps(const GapFilter& filter) override;
    Result<FleetList<StoredVisibility>> visibility(const VisibilityFilter& filter,
                                                   std::optional<Cursor> before,
                                                   std::size_t limit) override;
    Result<MatchCount> count_visibility(const VisibilityFilter& filter) override;
    Result<std::optional<StoredVisibility>> visibility_at(Cursor cursor) override;

    Result<FindingSample> sample(Cursor after, const SampleSize& size,
                                 std::mt19937_64& random) override;
    Result<std::optional<StoredFinding>> finding_at(Cursor cursor) override;
    Result<std::optional<Cursor>> follower_position(std::string_view follower) override;

  private:
    class Unit;
    /// REQUIRES: writing_ is held.
    Result<Writer*> writer();

    std::unique_ptr<Driver> driver_;
    CollectorId self_; ///< of this run
    std::mutex writing_;
    std::unique_ptr<Writer> writer_; ///< null before first use, and if its connection is lost
    ReaderPool readers_;
    /// For the recomputer, a thread of lowest priority: other queries do not wait for it.
    ReaderPool patient_reader_;
};

} // namespace minewarden::collector::sql
