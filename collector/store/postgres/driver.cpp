// SPDX-License-Identifier: Apache-2.0
#include "collector/store/postgres/driver.h"

#include "collector/store/postgres/finding_table.h"
#include "collector/store/postgres/schema.h"
#include "collector/store/sql/reader.h"
#include "collector/store/sql/statements.h"
#include "common/log.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::collector::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto connect_limit = 3s;
constexpr std::chrono::milliseconds first_pause = 100ms;
constexpr std::chrono::milliseconds longest_pause = 2s;

/// The server ends statements that take too long, and transactions of a collector that hangs, so
/// that they block no other collector. The writer finds rows by their keys: a plan from when a
/// table was small must not scan it when it is large.
std::string session_settings(bool is_writer) {
    const auto limit = std::chrono::milliseconds(
        is_writer ? std::chrono::seconds(Connection::unit_limit) : sql::ReaderPool::patience);
    return fmt::format(
        "SET statement_timeout = {}; SET idle_in_transaction_session_timeout = 10000; "
        "SET client_encoding = 'UTF8'; SET default_transaction_read_only = {}; "
        "SET search_path = public; SET jit = off; {}",
        limit.count(), is_writer ? "off" : "on",
        is_writer ? "SET enable_seqscan = off; SET enable_hashjoin = off; "
                    "SET enable_mergejoin = off;"
                  : "");
}

/// Acknowledged means durable: the server must not lose the last commits in a crash.
constexpr auto durable_commits = "SELECT set_config('synchronous_commit', 'on', false) "
                                 "WHERE current_setting('synchronous_commit') = 'off'";

} // namespace

ConnectionCounters Driver::counters() const {
    const std::lock_guard guard(mutex_);
    return counters_;
}

Result<std::unique_ptr<sql::Connection>> Driver::connect_to_write() {
    TRY_ASSIGN(auto connection, connect(Access::write));
    return std::unique_ptr<sql::Connection>(std::move(connection));
}

Result<std::unique_ptr<sql::Connection>> Driver::connect_to_read() {
    TRY_ASSIGN(auto connection, connect(Access::read));
    return std::unique_ptr<sql::Connection>(std::move(connection));
}

Result<std::unique_ptr<sql::FindingTable>> Driver::open_finding_table(sql::Connection& connection) {
    return FindingTable::open(static_cast<Connection&>(connection));
}

Result<std::unique_ptr<Connection>> Driver::connect(Access access) {
    // One thread at a time: all would wait for the same server.
    const std::lock_guard guard(mutex_);
    if (pause_ > 0ms && Patience::Clock::now() < next_try_) return fail(problem_);
    auto connection = try_servers(access);
    if (connection) {
        if (pause_ > 0ms) log::info("connected to {} again", name_);
        pause_ = 0ms;
        ++counters_.connects;
        return connection;
    }
    ++counters_.failures;
    const bool is_news = pause_ == 0ms || connection.error().message != problem_.message;
    problem_ = connection.error();
    if (is_news && problem_.kind != ErrorKind::config && !patience_.is_finishing())
        log::warn("{}; retrying", problem_.message);
    pause_ = std::clamp(pause_ * 2, first_pause, longest_pause);
    next_try_ = Patience::Clock::now() + pause_;
    return connection;
}

Result<std::unique_ptr<Connection>> Driver::try_servers(Access access) {
    Error problem{ErrorKind::config, ""};
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        const std::size_t at = (first_ + i) % targets_.size();
        auto connection = try_server(targets_[at], access);
        if (connection) {
            first_ = at;
            return connection;
        }
        // Report an error that a retry may solve before one that it cannot.
        if (problem.message.empty() || problem.kind == ErrorKind::config)
            problem = std::move(connection).error();
    }
    problem.message = fmt::format("{}: {}", name_, problem.message);
    return fail(std::move(problem));
}

Result<std::unique_ptr<Connection>> Driver::try_server(const std::string& target, Access access) {
    TRY_ASSIGN(auto link, Link::connect(target, patience_, connect_limit));
    auto connection = std::make_unique<Connection>(std::move(link));
    TRY(connection->execute(session_settings(access == Access::write)));
    TRY_ASSIGN(const auto recovering,
               sql::read_number(*connection, "SELECT CAST(pg_is_in_recovery() AS INTEGER)"));
    // Readers too: they must see what the writer commits.
    if (recovering.value_or(0) != 0)
        return fail(ErrorKind::unavailable, "the server is a read-only standby");
    if (access == Access::read) {
        TRY(check_usable(*connection));
        return connection;
    }
    TRY(make_usable(*connection));
    TRY(connection->execute(durable_commits));
    return connection;
}

} // namespace minewarden::collector::postgres
