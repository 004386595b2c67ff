// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <string>

namespace minewarden::test {

/// A PostgreSQL server for tests (tests/support/postgres-server).
class PostgresServer {
  public:
    /// The shared server of a test run: that of the CTest fixture (named by the file
    /// MINEWARDEN_TEST_POSTGRES), or one that this program starts on first use and stops at its
    /// end. The error says why there is none.
    static Result<PostgresServer*> shared();
    /// A server that the test may stop.
    static Result<PostgresServer> start();
    PostgresServer(PostgresServer&& other) noexcept;
    PostgresServer& operator=(PostgresServer&&) = delete;
    ~PostgresServer();

    /// Creates an empty database. Returns its name.
    Result<std::string> create_database();
    void drop_database(const std::string& name);
    [[nodiscard]] std::string uri(const std::string& database) const;
    /// A URI with two servers: this one and its standby.
    [[nodiscard]] std::string uri_with_standby(const std::string& database) const;
    /// The directory of the server and its socket.
    [[nodiscard]] const std::string& directory() const { return directory_; }
    /// Runs SQL in a database, as the superuser.
    Result<void> execute(const std::string& database, const std::string& sql) const;

    void restart() const { run("restart"); }
    /// Kills the server, as in a crash.
    void kill() const { run("kill"); }
    void begin() const { run("begin"); }
    /// Starts a synchronous standby.
    void start_standby() const { run("standby"); }
    /// Kills this server, as in a crash, and promotes its standby.
    void promote_standby() const { run("promote"); }

  private:
    PostgresServer(std::string directory, bool is_own)
        : directory_(std::move(directory)), is_own_(is_own) {}
    void run(const char* command) const;

    std::string directory_;
    bool is_own_; ///< ends with the object
};

} // namespace minewarden::test
