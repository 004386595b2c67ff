// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sqlite/finding_index.h"
#include "collector/store/store.h"

#include <map>
#include <memory>
#include <set>

namespace minewarden::collector::sqlite {

/// The only one that writes. It keeps the positions of streams in memory, so no other process may
/// write to the same database (SqliteStore holds a lock). One thread.
class Writer {
  public:
    static Result<std::unique_ptr<Writer>> open(Connection connection);

    Result<Outcome> commit(std::span<const Arrival> arrivals, WallTime now);
    Result<void> put(std::span<const RecomputedFinding> recomputed);

  private:
    struct Stream {
        std::int64_t row = 0;
        std::int64_t agent = 0;
        bool first_of_agent = false;
        std::uint64_t sequence = 0; ///< last one stored
    };

    explicit Writer(Connection connection) : connection_(std::move(connection)) {}

    Result<void> prepare();
    /// Forgets what memory knows beyond the database; the next commit reads it again.
    void forget();
    Result<void> recall();
    Result<Outcome> apply_all(std::span<const Arrival> arrivals, WallTime now);

    Result<std::uint64_t> apply(const Opening& opening, WallTime now, Outcome& outcome);
    Result<std::uint64_t> apply(const Delivery& delivery, WallTime now, Outcome& outcome);
    Result<std::uint64_t> apply(const HeartbeatArrival& heartbeat, WallTime now, Outcome& outcome);
    Result<std::uint64_t> apply(const AbsenceArrival& absence, WallTime now, Outcome& outcome);
    Result<std::uint64_t> apply(const AbsenceEndArrival& end, WallTime now, Outcome& outcome);
    Result<void> note_problems(std::int64_t agent, const std::vector<SensorProblem>& problems,
                               WallTime now, Outcome& outcome);

    /// nullptr if it was never opened.
    Result<Stream*> find_stream(const StreamKey& key);
    Result<std::optional<std::int64_t>> find_agent(const CurvePublicKey& key);
    Result<void> store(const Stream& stream, const Record& record, WallTime now, Outcome& outcome);
    Result<void> store_finding(const Stream& stream, std::uint64_t sequence,
                               const FindingArrival& finding, WallTime now);
    Result<void> supersede(const Stream& stream, const FindingArrival& finding, std::int64_t row);
    Result<void> store_jump(const Stream& stream, std::uint64_t next, WallTime now);
    Result<void> store_gap(const Stream& stream, const GapArrival& gap, WallTime now);

    Connection connection_;
    struct {
        Statement put_agent, find_agent, saw_agent;
        Statement put_stream, find_stream, count_streams, move_stream;
        Statement put_finding, put_bytes, supersede;
        Statement put_rule_set, put_gap, put_heartbeat;
        Statement open_absence, end_absence, end_all, open_problem, open_problems, end_problem;
    } sql_;
    bool is_recalled_ = false;
    std::optional<FindingIndex> index_;
    std::map<StreamKey, Stream> streams_;
    std::set<std::int64_t> agents_seen_; ///< in this transaction
    /// As the last heartbeat of each agent had them and the table has them open.
    std::map<std::int64_t, std::vector<SensorProblem>> problems_;
    std::int64_t last_row_ = 0;
};

} // namespace minewarden::collector::sqlite
