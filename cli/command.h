// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <boost/program_options.hpp>

#include <string>
#include <vector>

namespace minewarden::cli {

/// The arguments after the subcommand.
using Arguments = std::vector<std::string>;

/// Parsed options of a subcommand.
struct ParsedOptions {
    boost::program_options::variables_map values;
    bool help_shown = false; ///< --help was given: there is nothing left to do

    [[nodiscard]] bool has(const std::string& name) const { return values.count(name) != 0; }
    [[nodiscard]] std::string text(const std::string& name,
                                   const std::string& otherwise = {}) const;
    [[nodiscard]] std::vector<std::string> texts(const std::string& name) const;
};

/// Parses and adds --help, which prints `usage` and the options. Errors have kind usage.
Result<ParsedOptions>
parse(const Arguments& arguments, std::string_view usage,
      boost::program_options::options_description options,
      const boost::program_options::positional_options_description& positional);

/// Writes all of `text` to stdout. Errors: unavailable (disk full).
Result<void> print(std::string_view text);

Result<void> run_demo(const Arguments& arguments);
Result<void> run_findings(const Arguments& arguments);
Result<void> run_keys(const Arguments& arguments);
Result<void> run_rules(const Arguments& arguments);
Result<void> run_status(const Arguments& arguments);

} // namespace minewarden::cli
