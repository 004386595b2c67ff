// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"
#include "tests/lab/hash/crew.h"
#include "tests/lab/hash/randomx_memory.h"
#include "tests/lab/run/command_line.h"
#include "tests/lab/stratum/client.h"
#include "tests/lab/stratum/client_protocol.h"

#include <memory>

namespace minewarden::lab {

// Declares and reads options that several subcommands share.

void declare_dialect(CommandLine& line);
[[nodiscard]] Dialect read_dialect(const CommandLine& line);

/// --pool, --wallet, --agent, and options for the form of messages.
void declare_client(CommandLine& line);
Result<ClientOptions> read_client(const CommandLine& line);
[[nodiscard]] std::unique_ptr<ClientProtocol> make_protocol(const CommandLine& line);
[[nodiscard]] Json to_json(const ClientTotals& totals);

/// --threads, --duty, --no-yield.
void declare_crew(CommandLine& line);
[[nodiscard]] unsigned read_threads(const CommandLine& line);
[[nodiscard]] Pace read_pace(const CommandLine& line);

/// --mode, --no-jit, --secure-jit, --large-pages.
void declare_randomx(CommandLine& line);
[[nodiscard]] RandomxSettings read_randomx(const CommandLine& line);

} // namespace minewarden::lab
