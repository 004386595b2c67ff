// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/settings.h"

#include <variant>

namespace minewarden::agent {

enum class Mode { run, standalone, probe, dry_run };

/// The options of the command line.
struct Options {
    Mode mode = Mode::run;
    bool json = false; ///< of --probe
    std::vector<std::filesystem::path> rules;
    SettingSources sources;
};

/// The text for --help or --version, for stdout.
struct Information {
    std::string text;
};

/// Errors have kind usage.
Result<std::variant<Options, Information>> parse_options(int argc, const char* const* argv);

} // namespace minewarden::agent
