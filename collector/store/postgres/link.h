// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/postgres/patience.h"
#include "common/bytes.h"
#include "common/result.h"

#include <libpq-fe.h>
#include <memory>
#include <span>
#include <string>

namespace minewarden::collector::postgres {

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ClearResult>;

/// Parameters of a statement in the form that libpq expects.
struct Parameters {
    std::span<const char* const> values;
    std::span<const int> lengths;
    std::span<const int> formats; ///< 0 text, 1 binary
};

/// A connection to a PostgreSQL server in pipeline mode: statements run in order, and errors come
/// with the next response. No call waits beyond the deadline. One thread at a time. Errors:
/// `config` if a retry cannot succeed (password, database, rights), `unavailable` if the server is
/// not reachable, stops, is full, or is read-only.
class Link {
  public:
    /// `target` is a conninfo string or URI that names one server. `patience` outlives the link.
    static Result<std::unique_ptr<Link>> connect(const std::string& target, Patience& patience,
                                                 std::chrono::milliseconds limit);

    void set_deadline(Patience::Clock::time_point deadline) { deadline_ = deadline; }
    /// True if this link cannot be used any more.
    [[nodiscard]] bool is_lost() const { return is_lost_; }

    /// Prepares a statement under a name.
    Result<void> send_prepare(const std::string& name, const std::string& sql);
    Result<void> send_prepared(const std::string& name, const Parameters& parameters);
    Result<void> send(const std::string& sql, const Parameters& parameters = {});
    /// Waits for all statements that were sent. Returns the last result, or the first error.
    Result<ResultPtr> answer();

    /// Runs several statements, separated by ';', without parameters. Waits.
    Result<void> execute(const std::string& sql);
    /// Runs COPY ... FROM STDIN with this data. Waits.
    Result<void> copy_in(const std::string& sql, ByteView data);

  private:
    struct Finish {
        void operator()(PGconn* connection) const { PQfinish(connection); }
    };
    explicit Link(Patience& patience) : patience_(patience) {}

    Result<void> start(const std::string& target);
    Result<void> sent(int code);
    Result<void> wait(short events);
    /// The next result; null at the end of a statement's results.
    Result<ResultPtr> next_result();
    /// The results of one statement: the last one, or the first error.
    Result<ResultPtr> finish_statement();
    Result<void> flush();
    Result<void> leave_pipeline();
    Result<void> enter_pipeline();
    Error lost(std::string_view what);
    Error error_of(const PGresult* result);

    Patience& patience_;
    std::unique_ptr<PGconn, Finish> connection_;
    Patience::Clock::time_point deadline_;
    std::size_t pending_ = 0; ///< statements without a response yet
    bool is_lost_ = false;
};

} // namespace minewarden::collector::postgres
