// SPDX-License-Identifier: Apache-2.0
#include "collector/options.h"

#include <boost/program_options.hpp>
#include <fmt/core.h>

#include <sstream>

namespace minewarden::collector {
namespace {

namespace po = boost::program_options;

std::string help_text(const po::options_description& description) {
    std::ostringstream text;
    text << "minewarden-collector: receives and stores the findings of agents, and serves the API\n"
            "\n"
            "usage: minewarden-collector [--config FILE] [-o KEY=VALUE]... [--dry-run]\n\n"
         << description << "\nSettings:\n";
    for (const SettingSpec& spec : setting_specs()) {
        if (spec.name.starts_with("agent.")) continue;
        text << fmt::format("  {:<22} {} [{}]\n", spec.name, spec.help,
                            spec.default_value.empty() ? "-" : spec.default_value);
    }
    text << "\nSIGHUP reloads the enrolments; SIGTERM stops.\n"
            "Exit codes: 0 stopped on request, 64 usage, 65 data, 69 unavailable, 70 internal, 77 "
            "permission, 78 configuration\n";
    return text.str();
}

} // namespace

Result<std::variant<Options, Information>> parse_options(int argc, const char* const* argv) {
    po::options_description description("Options");
    // clang-format off
    description.add_options()
        ("config", po::value<std::string>()->value_name("FILE"),
         "read this file instead of /etc/minewarden/minewarden.yaml")
        ("set,o", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(),
         "override one setting")
        ("dry-run", "check settings, keys and enrolments without opening anything, and exit")
        ("help", "print this help")
        ("version", "print the version");
    // clang-format on
    po::options_description of_children;
    of_children.add_options()("part", po::value<std::string>())(
        "bound", po::value<std::vector<std::string>>()->composing());
    po::options_description all;
    all.add(description).add(of_children);
    po::variables_map values;
    try {
        po::store(po::command_line_parser(argc, argv)
                      .options(all)
                      .positional(po::positional_options_description())
                      .run(),
                  values);
    } catch (const po::error& error) {
        return fail(ErrorKind::usage,
                    fmt::format("{}; see: minewarden-collector --help", error.what()));
    }
    if (values.count("help") != 0) return Information{help_text(description)};
    if (values.count("version") != 0)
        return Information{fmt::format("minewarden-collector {}\n", MINEWARDEN_VERSION)};

    Options options;
    options.dry_run = values.count("dry-run") != 0;
    if (values.count("config") != 0) {
        options.sources.main_file = values["config"].as<std::string>();
        options.sources.main_file_required = true;
    }
    if (values.count("set") != 0)
        options.sources.overrides = values["set"].as<std::vector<std::string>>();
    options.sources.environment = process_environment();
    if (values.count("part") != 0) {
        options.part = part_of(values["part"].as<std::string>());
        if (!options.part) return fail(ErrorKind::usage, "--part is for this program itself");
    }
    if (values.count("bound") != 0) options.bound = values["bound"].as<std::vector<std::string>>();
    return options;
}

} // namespace minewarden::collector
