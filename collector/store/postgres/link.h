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

/// Parameters of a statement as libpq takes them.
struct Parameters {
    std::span<const char* const> values;
    std::span<const int> lengths;
    std::span<const int> formats; ///< 0 text, 1 binary
};

/// A connection to a PostgreSQL server, in pipeline mode: what is sent is executed in order, and
/// its errors come with the next answer. Nothing waits longer than until the deadline. One thread
/// at a time. Errors: `config` for what no repetition mends (password, database, rights),
/// `unavailable` for a server that is away, stops, is full, or only reads.
class Link {
  public:
    /// `target` is a conninfo string or URI that names one server. `patience` outlives the link.
    static Result<std::unique_ptr<Link>> connect(const std::string& target, Patience& patience,
                                                 std::chrono::milliseconds limit);

    void set_deadline(Patience::Clock::time_point deadline) { deadline_ = deadline; }
    /// The server cannot be asked any more over this link.
    [[nodiscard]] bool is_lost() const { return is_lost_; }

    /// Prepares a statement under a name.
    Result<void> send_prepare(const std::string& name, const std::string& sql);
    Result<void> send_prepared(const std::string& name, const Parameters& parameters);
    Result<void> send(const std::string& sql, const Parameters& parameters = {});
    /// Waits for all that was sent. The result of the last, or the first error.
    Result<ResultPtr> answer();

    /// Several statements separated by ';', without parameters. Waits.
    Result<void> execute(const std::string& sql);
    /// COPY ... FROM STDIN with this data. Waits.
    Result<void> copy_in(const std::string& sql, ByteView data);

  private:
    struct Finish {
        void operator()(PGconn* connection) const { PQfinish(connection); }
    };
    explicit Link(Patience& patience) : patience_(patience) {}

    Result<void> start(const std::string& target);
    Result<void> sent(int code);
    Result<void> wait(short events);
    /// The next result in order; null at the end of one statement's results.
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
    std::size_t pending_ = 0; ///< statements sent and not answered
    bool is_lost_ = false;
};

} // namespace minewarden::collector::postgres
