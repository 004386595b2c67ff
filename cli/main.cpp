// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "common/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace {

using namespace minewarden;

struct Command {
    std::string_view name;
    std::string_view help;
    Result<void> (*run)(const cli::Arguments&);
};

constexpr std::array<Command, 5> commands{{
    {"findings", "list findings, follow them, or show one in full", cli::run_findings},
    {"status", "agents, their capabilities, and what could not be seen", cli::run_status},
    {"rules", "check rule files, list rules, list the fields they can use", cli::run_rules},
    {"keys", "generate, enroll, revoke and list keys", cli::run_keys},
    {"demo", "find a harmless miner on this host, over loopback", cli::run_demo},
}};

std::string help() {
    std::string text =
        "minewarden: finds crypto-mining on hosts, with evidence that can be checked\n\n"
        "usage: minewarden COMMAND [OPTION]...\n\n";
    for (const Command& command : commands)
        text += fmt::format("  {:<10} {}\n", command.name, command.help);
    return text + "\nminewarden COMMAND --help prints the options.\n"
                  "Exit codes: 0 success, 64 usage, 65 bad input, 69 unavailable, 70 internal, "
                  "77 permission, 78 configuration\n";
}

Result<void> run(const cli::Arguments& arguments) {
    if (arguments.empty())
        return fail(ErrorKind::usage, "no command given; see: minewarden --help");
    const std::string& name = arguments.front();
    if (name == "--help" || name == "help") return cli::print(help());
    if (name == "--version" || name == "version")
        return cli::print(fmt::format("minewarden {}\n", MINEWARDEN_VERSION));
    const auto command = std::ranges::find(commands, name, &Command::name);
    if (command == commands.end()) {
        std::array<std::string_view, commands.size()> names;
        std::ranges::transform(commands, names.begin(), &Command::name);
        return fail(ErrorKind::usage,
                    fmt::format("unknown command \"{}\"{}; see: minewarden --help",
                                escape_for_terminal(to_valid_utf8(name)),
                                did_you_mean(name, names)));
    }
    return command->run({arguments.begin() + 1, arguments.end()});
}

} // namespace

int main(int argc, char** argv) {
    ::signal(SIGPIPE, SIG_IGN);
    try {
        const auto ended = run(cli::Arguments(argv + 1, argv + argc));
        if (ended) return 0;
        fmt::print(stderr, "minewarden: {}\n", ended.error().message);
        return exit_code(ended.error().kind);
    } catch (const std::exception& error) {
        fmt::print(stderr, "minewarden: {}\n", error.what());
        return exit_code(ErrorKind::internal);
    }
}
