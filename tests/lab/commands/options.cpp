// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/options.h"

namespace minewarden::lab {
namespace {

// These look like addresses of each chain, but the checksums are wrong, so no payment can reach
// them.
constexpr std::string_view monero_wallet =
    "4MinewardenLabNotAWa11etMinewardenLabNotAWa11etMinewarden"
    "LabNotAWa11etMinewardenLabNotAWa11et12";
constexpr std::string_view bitcoin_wallet = "bc1qmnewardnmnewardnmnewardnmnewardnmnewa.lab";
static_assert(monero_wallet.size() == 95);

MemoryPlace read_place(const std::string& name) {
    if (name == "memfd") return MemoryPlace::memfd;
    return name == "file" ? MemoryPlace::file : MemoryPlace::anonymous;
}

} // namespace

void declare_dialect(CommandLine& line) {
    line.choice("dialect", {"monero", "bitcoin"}, "", "Stratum dialect");
}

Dialect read_dialect(const CommandLine& line) {
    return line.text("dialect") == "monero" ? Dialect::monero : Dialect::bitcoin;
}

void declare_client(CommandLine& line) {
    line.text("pool", "ADDRESS:PORT", "", "the pool, on a loopback address; required")
        .text("wallet", "TEXT", "", "login or worker name (default: an invalid address)")
        .text("agent", "TEXT", "minewarden-lab/0.1.0", "program name that the client sends")
        .choice("key-order", {"new", "old"}, "new",
                "new: id, jsonrpc, method, params; old: method, params, id and no algo list")
        .flag("spaces", "a space after colons and commas (default in the Bitcoin dialect)")
        .flag("no-spaces", "no spaces, in the Bitcoin dialect too")
        .flag("configure", "Bitcoin dialect: mining.configure before mining.subscribe")
        .number("split", 1, 1, 64, "number of pieces of the first message, 50 ms apart")
        .number("keepalive", 60, 1, 3600, "Monero dialect: seconds between keepalived messages");
}

Result<ClientOptions> read_client(const CommandLine& line) {
    if (!line.has("pool")) return fail(ErrorKind::usage, "--pool ADDRESS:PORT is required");
    auto pool = LoopbackAddress::parse(line.text("pool"));
    if (!pool) return fail(std::move(pool).error());
    return ClientOptions{.pool = *pool,
                         .pieces = static_cast<unsigned>(line.number("split")),
                         .keepalive = std::chrono::seconds(line.number("keepalive"))};
}

std::unique_ptr<ClientProtocol> make_protocol(const CommandLine& line) {
    const Dialect dialect = read_dialect(line);
    const bool spaces = dialect == Dialect::bitcoin ? !line.has("no-spaces") : line.has("spaces");
    const WireForm form{.order =
                            line.text("key-order") == "new" ? KeyOrder::newer : KeyOrder::older,
                        .spaces = spaces};
    Credentials credentials{.wallet = line.text("wallet"), .agent = line.text("agent")};
    if (credentials.wallet.empty())
        credentials.wallet = dialect == Dialect::monero ? monero_wallet : bitcoin_wallet;
    if (dialect == Dialect::monero) return make_monero_client(form, std::move(credentials));
    return make_bitcoin_client(form, std::move(credentials), line.has("configure"));
}

Json to_json(const ClientTotals& totals) {
    return {{"jobs", totals.jobs},
            {"submitted", totals.submitted},
            {"accepted", totals.accepted},
            {"refused", totals.refused}};
}

void declare_crew(CommandLine& line) {
    line.number("threads", 1, 1, 255, "hashing threads")
        .number("duty", 100, 1, 100, "percent of time spent hashing, in periods of 200 ms")
        .flag("no-yield", "no sched_yield after each hash (miners yield by default)");
}

unsigned read_threads(const CommandLine& line) {
    return static_cast<unsigned>(line.number("threads"));
}

Pace read_pace(const CommandLine& line) {
    return {.duty_percent = static_cast<unsigned>(line.number("duty")),
            .yield = !line.has("no-yield")};
}

void declare_randomx(CommandLine& line) {
    line.choice("mode", {"light", "fast"}, "light",
                "light: a cache of 256 MiB; fast: a data set of 2080 MiB, which all threads fill "
                "first")
        .flag("no-jit", "interpret the programs instead of compiling them; very slow")
        .flag("secure-jit", "compiled pages are never writable and executable at once")
        .choice("dataset-in", {"anonymous", "memfd", "file"}, "anonymous",
                "memory of the data set: as allocated, or a shared mapping of a memfd or of a "
                "file in /var/tmp")
        .flag("large-pages", "memory from vm.nr_hugepages (fast: 1040 and one per thread, light: "
                             "128 and one per thread)");
}

RandomxSettings read_randomx(const CommandLine& line) {
    return {.full = line.text("mode") == "fast",
            .jit = !line.has("no-jit"),
            .secure_jit = line.has("secure-jit"),
            .large_pages = line.has("large-pages"),
            .dataset_in = read_place(line.text("dataset-in")),
            .fill_threads = read_threads(line)};
}

} // namespace minewarden::lab
