// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/options.h"
#include "tests/lab/commands/subcommand.h"
#include "tests/lab/hash/bitcoin_miner.h"
#include "tests/lab/hash/monero_miner.h"

#include <thread>

namespace minewarden::lab {
namespace {

void declare(CommandLine& line) {
    declare_dialect(line);
    declare_client(line);
    declare_crew(line);
    declare_randomx(line);
}

Result<void> mine(const CommandLine& line, WorkExchange& exchange, HashTotals& totals,
                  EventLog& events, const Stop& stop) {
    const unsigned threads = read_threads(line);
    if (read_dialect(line) == Dialect::monero)
        return mine_monero(read_randomx(line), threads, read_pace(line), exchange, totals, events,
                           stop);
    mine_bitcoin(threads, read_pace(line), exchange, totals, events, stop);
    return {};
}

Result<void> run(const CommandLine& line, EventLog& events, Stop& stop) {
    auto options = read_client(line);
    if (!options) return fail(options.error());
    const auto protocol = make_protocol(line);
    WorkExchange exchange;
    HashTotals hashes;
    ClientTotals totals;
    Result<void> mined;
    Result<void> talked;
    bool stopped = false;
    std::string_view reason;
    {
        const std::jthread worker([&] {
            mined = mine(line, exchange, hashes, events, stop);
            // Without hashing the connection is useless. A stop is not a failure.
            if (stop.requested()) mined = {};
            if (!mined) stop.request();
        });
        talked = run_client(*options, *protocol, exchange, totals, events, stop);
        stopped = stop.requested();
        reason = stop.reason();
        stop.request();
    }
    if (!mined) return mined;
    if (!talked && !stopped) return talked;
    emit_hash_rate(hashes, events);
    Json fields{{"reason", reason}};
    fields.update(to_json(totals));
    events.emit("finished", fields);
    return {};
}

} // namespace

const Subcommand miner_command{
    "miner", "a Stratum client that really hashes",
    "A miner: takes jobs from a pool on this host, hashes them (RandomX in the Monero dialect,\n"
    "SHA256d in the Bitcoin dialect) and submits the shares that meet the target. The RandomX\n"
    "options have no effect in the Bitcoin dialect.",
    declare, run};

} // namespace minewarden::lab
