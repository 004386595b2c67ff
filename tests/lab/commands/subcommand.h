// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"
#include "tests/lab/run/command_line.h"
#include "tests/lab/run/event_log.h"
#include "tests/lab/run/stop.h"

#include <span>
#include <string_view>

namespace minewarden::lab {

struct Subcommand {
    std::string_view name;
    std::string_view summary; ///< one line
    std::string_view about;   ///< text for --help
    void (*declare)(CommandLine& line);
    /// Runs until the stop. An earlier error determines the exit code.
    Result<void> (*run)(const CommandLine& line, EventLog& events, Stop& stop);
};

extern const Subcommand pool_command;
extern const Subcommand client_command;
extern const Subcommand miner_command;
extern const Subcommand randomx_command;
extern const Subcommand verify_command;
extern const Subcommand interval_command;
extern const Subcommand stochastic_command;
extern const Subcommand json_rpc_command;
extern const Subcommand speak_command;

[[nodiscard]] std::span<const Subcommand* const> subcommands();

/// Runs the program and returns its exit code. Writes help to stdout and errors to stderr.
int run_program(const std::vector<std::string>& arguments);

} // namespace minewarden::lab
