// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <string>

namespace minewarden::test {

/// A PostgreSQL server for tests (tests/support/postgres-server).
class PostgresServer {
  public:
    /// The one that all tests of a run share: that of the CTest fixture, which the file
    /// MINEWARDEN_TEST_POSTGRES names, or one that this program starts when it is first asked for
    /// and that ends with it. The error says why there is none.
    static Result<PostgresServer*> shared();
    /// One of the test's own, which it may stop.
    static Result<PostgresServer> start();
    PostgresServer(PostgresServer&& other) noexcept;
    PostgresServer& operator=(PostgresServer&&) = delete;
    ~PostgresServer();

    /// A new, empty database; its name.
    Result<std::string> create_database();
    void drop_database(const std::string& name);
    [[nodiscard]] std::string uri(const std::string& database) const;
    /// Of two servers: this one, and its standby.
    [[nodiscard]] std::string uri_with_standby(const std::string& database) const;
    /// Its directory, which has its socket.
    [[nodiscard]] const std::string& directory() const { return directory_; }
    /// SQL as the superuser, in a database.
    Result<void> execute(const std::string& database, const std::string& sql) const;

    void restart() const { run("restart"); }
    /// Ends it like a crash.
    void kill() const { run("kill"); }
    void begin() const { run("begin"); }
    /// Starts a synchronous standby.
    void start_standby() const { run("standby"); }
    /// Ends this server like a crash; its standby takes over.
    void promote_standby() const { run("promote"); }

  private:
    PostgresServer(std::string directory, bool is_own)
        : directory_(std::move(directory)), is_own_(is_own) {}
    void run(const char* command) const;

    std::string directory_;
    bool is_own_; ///< ends with the object
};

} // namespace minewarden::test
