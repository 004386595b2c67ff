// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/options.h"
#include "tests/lab/commands/subcommand.h"
#include "tests/lab/stratum/made_up_shares.h"

namespace minewarden::lab {
namespace {

void declare(CommandLine& line) {
    declare_dialect(line);
    declare_client(line);
    line.real("share-interval", "10", 0, 3600, "seconds between made-up shares; 0: none")
        .flag("no-hash", "no effect: this subcommand never hashes; documents this in scripts");
}

Result<void> run(const CommandLine& line, EventLog& events, Stop& stop) {
    auto options = read_client(line);
    if (!options) return fail(options.error());
    const auto protocol = make_protocol(line);
    const auto interval = std::chrono::duration<double>(line.real("share-interval"));
    MadeUpShares shares(std::chrono::ceil<std::chrono::milliseconds>(interval));
    ClientTotals totals;
    if (auto done = run_client(*options, *protocol, shares, totals, events, stop);
        !done && !stop.requested())
        return done;
    Json fields{{"reason", stop.reason()}};
    fields.update(to_json(totals));
    events.emit("finished", fields);
    return {};
}

} // namespace

const Subcommand client_command{"client", "a Stratum client that computes nothing",
                                "A Stratum client that logs in, takes jobs and submits made-up "
                                "shares, without hashing. Made-up\n"
                                "shares are refused by a pool that runs with --verify.",
                                declare, run};

} // namespace minewarden::lab
