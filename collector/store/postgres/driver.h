// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/postgres/database.h"
#include "collector/store/sql/driver.h"

#include <mutex>

namespace minewarden::collector::postgres {

/// Connects to the servers of one URI, one after another, with growing pauses while none responds.
class Driver final : public sql::Driver {
  public:
    /// `targets`: one conninfo string for each server. `name`: for messages.
    Driver(std::vector<std::string> targets, std::string name)
        : targets_(std::move(targets)), name_(std::move(name)) {}

    Result<std::unique_ptr<sql::Connection>> connect_to_write() override;
    Result<std::unique_ptr<sql::Connection>> connect_to_read() override;
    Result<std::unique_ptr<sql::FindingTable>>
    open_finding_table(sql::Connection& connection) override;
    [[nodiscard]] std::string_view size_query() const override {
        return "SELECT pg_database_size(current_database())";
    }
    [[nodiscard]] bool is_shared() const override { return true; }
    [[nodiscard]] ConnectionCounters counters() const override;
    Result<bool> give_space_back(sql::Connection&) override { return false; } // autovacuum
    void finish_within(std::chrono::milliseconds time) override { patience_.finish_within(time); }

  private:
    enum class Access { read, write };

    Result<std::unique_ptr<Connection>> connect(Access access);
    /// Tries all servers once.
    Result<std::unique_ptr<Connection>> try_servers(Access access);
    Result<std::unique_ptr<Connection>> try_server(const std::string& target, Access access);

    std::vector<std::string> targets_;
    std::string name_;
    Patience patience_;

    mutable std::mutex mutex_;
    ConnectionCounters counters_;
    std::size_t first_ = 0; ///< index of the target that responded last
    Error problem_;         ///< of the last attempt, until `pause_` is over
    std::chrono::milliseconds pause_{0};
    Patience::Clock::time_point next_try_;
};

} // namespace minewarden::collector::postgres
