// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/supervise/child.h"
#include "common/config/settings.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace minewarden::collector {

/// Command line of minewarden-collector.
struct Options {
    bool dry_run = false;
    SettingSources sources;

    // For child processes only (supervise/child.h); not in the help.
    std::optional<Part> part = {};       ///< --part
    std::vector<std::string> bound = {}; ///< --bound: the endpoints as the supervisor bound them
};

/// --help or --version: a text for stdout.
struct Information {
    std::string text;
};

/// Errors have kind usage.
Result<std::variant<Options, Information>> parse_options(int argc, const char* const* argv);

} // namespace minewarden::collector
