// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/options.h"
#include "tests/lab/commands/subcommand.h"
#include "tests/lab/hash/counter_hasher.h"

namespace minewarden::lab {
namespace {

void declare(CommandLine& line) {
    declare_crew(line);
    declare_randomx(line);
}

Result<void> run(const CommandLine& line, EventLog& events, Stop& stop) {
    const auto key = as_bytes("minewarden-lab RandomX key");
    auto memory = RandomxMemory::build(read_randomx(line), key, events, stop);
    HashTotals totals;
    if (memory) {
        std::vector<std::unique_ptr<Hasher>> crew;
        for (unsigned i = 0; i < read_threads(line); ++i) {
            auto machine = RandomxVm::create(*memory);
            if (!machine) return fail(machine.error());
            crew.push_back(std::make_unique<CounterHasher>(std::move(*machine), i));
        }
        run_crew(std::move(crew), read_pace(line), totals, events, stop);
    } else if (!stop.requested()) {
        return fail(memory.error());
    }
    emit_hash_rate(totals, events);
    events.emit("finished", {{"reason", stop.reason()}});
    return {};
}

} // namespace

const Subcommand randomx_command{
    "randomx", "RandomX threads without any network",
    "RandomX over a counter, chained as miners do it, with no network at all: what is left of a\n"
    "miner when every network sign is hidden.",
    declare, run};

} // namespace minewarden::lab
