// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/settings.h"

#include <variant>

namespace minewarden::collector {

/// Command line of minewarden-collector.
struct Options {
    bool dry_run = false;
    SettingSources sources;
};

/// --help or --version: a text for stdout.
struct Information {
    std::string text;
};

/// Errors have kind usage.
Result<std::variant<Options, Information>> parse_options(int argc, const char* const* argv);

} // namespace minewarden::collector
