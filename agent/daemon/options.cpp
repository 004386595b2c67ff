// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/options.h"

#include <boost/program_options.hpp>
#include <fmt/core.h>

#include <sstream>

namespace minewarden::agent {

namespace po = boost::program_options;

Result<std::variant<Options, Information>> parse_options(int argc, const char* const* argv) {
    po::options_description description("Options");
    // clang-format off
    description.add_options()
        ("config", po::value<std::string>()->value_name("FILE"),
         "read this file instead of /etc/minewarden/minewarden.yaml")
        ("set,o", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(),
         "override one setting; with --probe, \"-o json\" prints JSON")
        ("rules", po::value<std::vector<std::string>>()->value_name("DIR")->composing(),
         "read rules from here instead of the shipped pack and /etc/minewarden/rules.d")
        ("standalone", "run a collector in the same process and print findings as they come")
        ("probe", "print the capabilities on this kernel, and exit")
        ("dry-run", "check settings, keys and rules without attaching anything, and exit")
        ("help", "print this help")
        ("version", "print the version");
    // clang-format on
    po::variables_map values;
    try {
        po::store(po::command_line_parser(argc, argv)
                      .options(description)
                      .positional(po::positional_options_description())
                      .run(),
                  values);
    } catch (const po::error& error) {
        return fail(ErrorKind::usage,
                    fmt::format("{}; see: minewarden-agent --help", error.what()));
    }
    if (values.count("help") != 0) {
        std::ostringstream text;
        text
            << "minewarden-agent: finds crypto-mining on this host and reports it with evidence\n\n"
               "usage: minewarden-agent [--config FILE] [-o KEY=VALUE]... [--rules DIR]...\n"
               "                        [--standalone | --probe | --dry-run]\n\n"
            << description << "\nSettings:\n";
        for (const SettingSpec& spec : setting_specs())
            text << fmt::format("  {:<22} {} [{}]\n", spec.name, spec.help,
                                spec.default_value.empty() ? "-" : spec.default_value);
        text << "\nExit codes: 0 stopped on request, 64 usage, 69 unavailable, 70 internal, "
                "77 permission, 78 configuration\n";
        return Information{text.str()};
    }
    if (values.count("version") != 0)
        return Information{fmt::format("minewarden-agent {}\n", MINEWARDEN_VERSION)};

    Options options;
    const auto exclusive =
        values.count("standalone") + values.count("probe") + values.count("dry-run");
    if (exclusive > 1)
        return fail(ErrorKind::usage, "--standalone, --probe and --dry-run exclude each other");
    if (values.count("standalone") != 0) options.mode = Mode::standalone;
    if (values.count("probe") != 0) options.mode = Mode::probe;
    if (values.count("dry-run") != 0) options.mode = Mode::dry_run;
    if (values.count("config") != 0) {
        options.sources.main_file = values["config"].as<std::string>();
        options.sources.main_file_required = true;
    }
    if (values.count("set") != 0) {
        for (const std::string& text : values["set"].as<std::vector<std::string>>()) {
            if (options.mode == Mode::probe && (text == "json" || text == "table"))
                options.json = text == "json";
            else
                options.sources.overrides.push_back(text);
        }
    }
    if (values.count("rules") != 0) {
        for (const std::string& path : values["rules"].as<std::vector<std::string>>())
            options.rules.emplace_back(path);
    }
    options.sources.environment = process_environment();
    return options;
}

} // namespace minewarden::agent
