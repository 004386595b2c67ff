// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <sstream>

namespace minewarden::cli {

namespace po = boost::program_options;

std::string ParsedOptions::text(const std::string& name, const std::string& otherwise) const {
    return has(name) ? values[name].as<std::string>() : otherwise;
}

std::vector<std::string> ParsedOptions::texts(const std::string& name) const {
    return has(name) ? values[name].as<std::vector<std::string>>() : std::vector<std::string>();
}

Result<ParsedOptions> parse(const Arguments& arguments, std::string_view usage,
                            po::options_description options,
                            const po::positional_options_description& positional) {
    options.add_options()("help", "print this help");
    ParsedOptions parsed;
    try {
        po::store(po::command_line_parser(arguments).options(options).positional(positional).run(),
                  parsed.values);
        po::notify(parsed.values);
    } catch (const po::error& error) {
        return fail(ErrorKind::usage, fmt::format("{}\nusage: {}", error.what(), usage));
    }
    if (parsed.has("help")) {
        std::ostringstream text;
        text << "usage: " << usage << "\n\n" << options;
        TRY(print(text.str()));
        parsed.help_shown = true;
    }
    return parsed;
}

Result<void> print(std::string_view text) {
    const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (!whole || std::fflush(stdout) != 0)
        return fail(system_error(ErrorKind::unavailable, "cannot write to stdout", errno));
    return {};
}

} // namespace minewarden::cli
