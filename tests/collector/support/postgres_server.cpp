// SPDX-License-Identifier: Apache-2.0
#include "tests/collector/support/postgres_server.h"

#include "common/bytes.h"
#include "common/file.h"
#include "common/text.h"

#include <fmt/core.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <libpq-fe.h>
#include <memory>
#include <unistd.h>
#include <utility>

namespace minewarden::test {
namespace {

constexpr const char* script = MINEWARDEN_POSTGRES_SERVER;
constexpr const char* not_installed = "no PostgreSQL server is installed (package postgresql)";

Result<std::string> start_server() {
    const std::string command = fmt::format("{} start --while {}", script, ::getpid());
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return fail(ErrorKind::unavailable, "cannot run " + command);
    std::string answer;
    std::array<char, 256> bytes{};
    while (std::fgets(bytes.data(), bytes.size(), pipe) != nullptr) answer += bytes.data();
    if (::pclose(pipe) != 0)
        return fail(ErrorKind::unavailable, "no PostgreSQL server starts here");
    return std::string(trim(answer));
}

} // namespace

Result<PostgresServer*> PostgresServer::shared() {
    static Result<PostgresServer> server = []() -> Result<PostgresServer> {
        const char* file = std::getenv("MINEWARDEN_TEST_POSTGRES");
        if (file == nullptr) return start();
        TRY_ASSIGN(const auto directory, read_file(file, 4096));
        if (trim(directory).empty()) return fail(ErrorKind::unavailable, not_installed);
        return PostgresServer(std::string(trim(directory)), false);
    }();
    if (!server) return fail(server.error());
    return &*server;
}

Result<PostgresServer> PostgresServer::start() {
    TRY_ASSIGN(auto directory, start_server());
    return PostgresServer(std::move(directory), true);
}

PostgresServer::PostgresServer(PostgresServer&& other) noexcept
    : directory_(std::move(other.directory_)), is_own_(std::exchange(other.is_own_, false)) {
}

PostgresServer::~PostgresServer() {
    if (is_own_) run("stop");
}

void PostgresServer::run(const char* command) const {
    const std::string line = fmt::format("{} {} {}", script, command, directory_);
    if (std::system(line.c_str()) != 0) fmt::print(stderr, "failed: {}\n", line);
}

std::string PostgresServer::uri(const std::string& database) const {
    return fmt::format("postgresql:///{}?host={}&user=postgres", database, directory_);
}

std::string PostgresServer::uri_with_standby(const std::string& database) const {
    return fmt::format("postgresql:///{}?host={},{}/standby&user=postgres", database, directory_,
                       directory_);
}

Result<void> PostgresServer::execute(const std::string& database, const std::string& sql) const {
    const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(uri(database).c_str()),
                                                                PQfinish);
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
        PQexec(connection.get(), sql.c_str()), PQclear);
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
    return fail(ErrorKind::unavailable, PQerrorMessage(connection.get()));
}

Result<std::string> PostgresServer::create_database() {
    std::array<std::uint8_t, 8> bytes{};
    fill_random(bytes);
    const std::string name = "test_" + to_hex(bytes);
    TRY(execute("postgres", "CREATE DATABASE " + name));
    return name;
}

void PostgresServer::drop_database(const std::string& name) {
    if (const auto dropped = execute("postgres", "DROP DATABASE " + name + " WITH (FORCE)");
        !dropped)
        fmt::print(stderr, "{}\n", dropped.error().message);
}

} // namespace minewarden::test
