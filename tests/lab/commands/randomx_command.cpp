// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/options.h"
#include "tests/lab/commands/subcommand.h"
#include "tests/lab/hash/brief_workers.h"
#include "tests/lab/hash/copying_hasher.h"
#include "tests/lab/hash/counter_hasher.h"

namespace minewarden::lab {
namespace {

void declare(CommandLine& line) {
    declare_crew(line);
    declare_randomx(line);
    line.real("replace-workers", "0", 0, 600, "seconds after which a thread is replaced; 0: never")
        .real("fork-batches", "0", 0, 600,
              "hash in forked children instead of threads, each for this time; 0: use threads")
        .number("copy-zeros", 0, 0, 65536,
                "KiB that each thread copies from /dev/zero to /dev/null after each hash")
        .flag("chain",
              "with --fork-batches: each child forks the next and ends, the first process too");
}

std::chrono::milliseconds read_life(const CommandLine& line, std::string_view name) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(line.real(name) * 1000));
}

Result<void> run_crew_for_good(std::shared_ptr<const RandomxMemory> memory, const CommandLine& line,
                               HashTotals& totals, EventLog& events, const Stop& stop) {
    const auto copied = static_cast<std::size_t>(line.number("copy-zeros")) << 10;
    std::vector<std::unique_ptr<Hasher>> crew;
    for (unsigned i = 0; i < read_threads(line); ++i) {
        auto machine = RandomxVm::create(memory);
        if (!machine) return fail(machine.error());
        std::unique_ptr<Hasher> hasher = std::make_unique<CounterHasher>(std::move(*machine), i);
        if (copied > 0) hasher = std::make_unique<CopyingHasher>(std::move(hasher), copied);
        crew.push_back(std::move(hasher));
    }
    run_crew(std::move(crew), read_pace(line), totals, events, stop);
    return {};
}

Result<void> hash(std::shared_ptr<const RandomxMemory> memory, const CommandLine& line,
                  HashTotals& totals, EventLog& events, const Stop& stop) {
    const auto threads = read_life(line, "replace-workers");
    const auto forks = read_life(line, "fork-batches");
    const unsigned count = read_threads(line);
    if (forks.count() > 0 && line.has("chain"))
        return begin_fork_chain(memory, forks, read_pace(line), events, stop);
    if (forks.count() > 0)
        return run_forked_batches(memory, count, forks, read_pace(line), totals, events, stop);
    if (threads.count() > 0)
        return run_replaced_threads(memory, count, threads, read_pace(line), totals, events, stop);
    return run_crew_for_good(memory, line, totals, events, stop);
}

Result<void> run(const CommandLine& line, EventLog& events, Stop& stop) {
    const auto key = as_bytes("minewarden-lab RandomX key");
    auto memory = RandomxMemory::build(read_randomx(line), key, events, stop);
    HashTotals totals;
    if (memory) {
        if (auto done = hash(*memory, line, totals, events, stop); !done) return done;
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
    "RandomX over a counter, chained as in miners, without any network: like a miner whose\n"
    "network traffic is hidden. With --replace-workers or --fork-batches no thread lives long\n"
    "(--duty then has no effect).",
    declare, run};

} // namespace minewarden::lab
