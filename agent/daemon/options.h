// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/settings.h"

#include <variant>

namespace minewarden::agent {

enum class Mode { run, standalone, probe, dry_run };

/// What the command line asks for.
struct Options {
    Mode mode = Mode::run;
    bool json = false; ///< of --probe
    std::vector<std::filesystem::path> rules;
    SettingSources sources;
};

/// --help or --version: a text for stdout.
struct Information {
    std::string text;
};

/// Errors have kind usage.
Result<std::variant<Options, Information>> parse_options(int argc, const char* const* argv);

} // namespace minewarden::agent
