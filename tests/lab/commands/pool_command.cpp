// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/options.h"
#include "tests/lab/commands/subcommand.h"
#include "tests/lab/hash/randomx_vm.h"
#include "tests/lab/stratum/pool.h"

#include <fmt/core.h>

#include <cmath>
#include <memory>

namespace minewarden::lab {
namespace {

constexpr double default_monero_difficulty = 100;
constexpr double default_bitcoin_difficulty = 0.001;

void declare(CommandLine& line) {
    declare_dialect(line);
    line.text("listen", "ADDRESS:PORT", "127.0.0.1:0",
              "port 0: any free port, shown in the event pool_listening")
        .number("job-interval", 30, 0, 3600, "seconds between new blocks; 0: never")
        .text("difficulty", "NUMBER", "",
              "of a share. Monero: a whole number up to 4294967295, default 100. Bitcoin: 1e-9 "
              "to 1e15, where 1 is 2^32 hashes, default 0.001")
        .flag("verify", "compute the hash of every share (Monero: RandomX in light mode, about a "
                        "second to start); otherwise only check the form and the claimed result");
}

Result<double> read_difficulty(const CommandLine& line, Dialect dialect) {
    const bool monero = dialect == Dialect::monero;
    if (!line.has("difficulty"))
        return monero ? default_monero_difficulty : default_bitcoin_difficulty;
    const double value = line.real("difficulty");
    const double least = monero ? 1 : minimum_bitcoin_difficulty;
    const double most = monero ? double{UINT32_MAX} : maximum_bitcoin_difficulty;
    // Invalid numbers read as 0, which is out of range. The comparison is false for NaN.
    if (!(value >= least && value <= most) || (monero && value != std::floor(value)))
        return fail(ErrorKind::usage,
                    fmt::format("--difficulty must be a {} from {} to {} in this dialect",
                                monero ? "whole number" : "number", least, most));
    return value;
}

Result<void> run(const CommandLine& line, EventLog& events, Stop& stop) {
    const Dialect dialect = read_dialect(line);
    const auto address = LoopbackAddress::parse(line.text("listen"));
    if (!address) return fail(address.error());
    const auto difficulty = read_difficulty(line, dialect);
    if (!difficulty) return fail(difficulty.error());

    PoolContext context{.events = events,
                        .difficulty = *difficulty,
                        .monero_hash = nullptr,
                        .verify = line.has("verify"),
                        .chain = {},
                        .totals = {}};
    if (context.verify && dialect == Dialect::monero) {
        const auto memory = RandomxMemory::build({}, context.chain.seed, events, stop);
        if (!memory) return fail(memory.error());
        auto machine = RandomxVm::create(*memory);
        if (!machine) return fail(machine.error());
        auto shared = std::make_shared<RandomxVm>(std::move(*machine));
        context.monero_hash = [shared](ByteView blob) { return shared->hash(blob); };
    }
    auto server = LineServer::listen(*address);
    if (!server) return fail(server.error());
    events.emit("pool_listening", {{"dialect", line.text("dialect")},
                                   {"address", server->address().text()},
                                   {"port", server->address().port()},
                                   {"difficulty", *difficulty},
                                   {"verify", context.verify}});
    Pool pool(dialect, context);
    server->run(pool, stop, std::chrono::seconds(line.number("job-interval")));
    events.emit("finished", {{"reason", stop.reason()},
                             {"clients", context.totals.clients},
                             {"logins", context.totals.logins},
                             {"accepted", context.totals.accepted},
                             {"refused", context.totals.refused}});
    return {};
}

} // namespace

const Subcommand pool_command{
    "pool", "a Stratum pool",
    "A Stratum pool for many clients: answers logins, pushes jobs, checks shares. Its block chain\n"
    "is invented. It forwards nothing.",
    declare, run};

} // namespace minewarden::lab
