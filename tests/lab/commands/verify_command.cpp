// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/subcommand.h"
#include "tests/lab/hash/randomx_vm.h"

#include <chrono>
#include <cstring>
#include <thread>
#include <unistd.h>

namespace minewarden::lab {
namespace {

using std::chrono::steady_clock;

void declare(CommandLine& line) {
    line.real("interval", "10", 0.1, 3600, "seconds from one burst to the next")
        .number("burst", 5, 1, 10000, "hashes in a burst")
        .flag("new-threads", "use a new thread for each burst")
        .flag("no-jit", "interpret the programs instead of compiling them");
}

Result<void> run(const CommandLine& line, EventLog& events, Stop& stop) {
    const RandomxSettings settings{.jit = !line.has("no-jit")};
    const auto key = as_bytes("minewarden-lab RandomX key");
    auto memory = RandomxMemory::build(settings, key, events, stop);
    if (!memory) return fail(memory.error());
    auto machine = RandomxVm::create(*memory);
    if (!machine) return fail(machine.error());

    const std::chrono::duration<double> interval(line.real("interval"));
    std::array<std::uint8_t, 76> block{};
    std::uint64_t hashes = 0;
    events.emit("hashing_started", {{"worker", 0}, {"tid", ::gettid()}});
    while (!stop.requested()) {
        const auto start = steady_clock::now();
        std::int64_t done = 0;
        const auto hash_burst = [&] {
            for (; done < line.number("burst") && !stop.requested(); ++done, ++hashes) {
                std::memcpy(block.data(), &hashes, sizeof hashes);
                [[maybe_unused]] const Hash hash = machine->hash(block);
            }
        };
        if (line.has("new-threads"))
            std::jthread(hash_burst).join();
        else
            hash_burst();
        const std::chrono::duration<double> took = steady_clock::now() - start;
        events.emit("burst", {{"hashes", done}, {"seconds", took.count()}});
        stop.sleep(std::chrono::duration_cast<std::chrono::nanoseconds>(interval - took));
    }
    events.emit("finished", {{"reason", stop.reason()}, {"hashes", hashes}});
    return {};
}

} // namespace

const Subcommand verify_command{
    "verify", "RandomX in short bursts, as a node that only verifies blocks",
    "RandomX in light mode, a few hashes at a time with long pauses, like a node that verifies\n"
    "blocks and does not mine. A detector must not report it as a miner.",
    declare, run};

} // namespace minewarden::lab
