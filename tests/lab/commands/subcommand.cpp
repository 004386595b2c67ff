// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/subcommand.h"

#include "common/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

namespace minewarden::lab {
namespace {

constexpr std::array<const Subcommand*, 9> all = {
    &pool_command,     &client_command,     &miner_command,    &randomx_command, &verify_command,
    &interval_command, &stochastic_command, &json_rpc_command, &speak_command};

int complain(std::string_view where, const Error& error) {
    fmt::print(stderr, "{}: {}\n", where, error.message);
    return exit_code(error.kind);
}

void print_help() {
    fmt::print("minewarden-lab SUBCOMMAND [option]...\n\n"
               "Test workloads for minewarden: the real protocols and computations of mining, and\n"
               "some that only look like it. Uses only this host's loopback. Every run has a time\n"
               "limit (--seconds, default 60, at most 3600). Events go to stdout, one JSON object\n"
               "per line.\n\n"
               "Subcommands:\n");
    for (const Subcommand* subcommand : all)
        fmt::print("  {:<10} {}\n", subcommand->name, subcommand->summary);
    fmt::print(
        "\nminewarden-lab SUBCOMMAND --help lists the options.\n"
        "Exit codes: 0 ended by time or signal, 64 usage (such as an address that is not\n"
        "loopback), 65 the peer does not speak the protocol, 69 something is not available.\n");
}

} // namespace

std::span<const Subcommand* const> subcommands() {
    return all;
}

int run_program(const std::vector<std::string>& arguments) {
    if (arguments.empty() || arguments.front() == "--help" || arguments.front() == "-h") {
        if (!arguments.empty()) {
            print_help();
            return 0;
        }
        return complain("minewarden-lab", {ErrorKind::usage, "missing subcommand; see --help"});
    }
    const std::string& name = arguments.front();
    const auto found = std::ranges::find(all, name, [](const auto* s) { return s->name; });
    if (found == all.end()) {
        std::vector<std::string_view> names;
        for (const Subcommand* subcommand : all) names.push_back(subcommand->name);
        const std::string shown = escape_for_terminal(to_valid_utf8(name));
        return complain("minewarden-lab",
                        {ErrorKind::usage, fmt::format("unknown subcommand \"{}\"{}", shown,
                                                       did_you_mean(name, names))});
    }
    const Subcommand& subcommand = **found;
    const std::string where = fmt::format("minewarden-lab {}", subcommand.name);
    CommandLine line(subcommand.name, subcommand.about);
    subcommand.declare(line);
    const auto outcome = line.parse({arguments.begin() + 1, arguments.end()});
    if (!outcome) return complain(where, outcome.error());
    if (*outcome == CommandLine::Outcome::help) {
        fmt::print("{}", line.help());
        return 0;
    }
    const std::chrono::seconds limit(line.number("seconds"));
    Stop stop(limit);
    const StopOnSignals signals(stop, limit);
    EventLog events;
    const auto done = subcommand.run(line, events, stop);
    return done ? 0 : complain(where, done.error());
}

} // namespace minewarden::lab
