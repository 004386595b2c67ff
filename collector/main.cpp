// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/listener.h"
#include "collector/intake_part.h"
#include "collector/options.h"
#include "collector/store/postgres/postgres_store.h"
#include "collector/store_part.h"
#include "collector/supervise/supervisor.h"
#include "common/keys/enrolment.h"
#include "common/log.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace minewarden::collector {
namespace {

/// Fails if a setting is invalid.
Result<void> check(const Settings& settings) {
    if (!settings.problems().empty())
        return fail(ErrorKind::config, fmt::format("{}", fmt::join(settings.problems(), "\n")));
    TRY(listening_endpoint(settings.text(Setting::collector_listen)));
    TRY(check_database(settings.text(Setting::collector_database)));
    TRY(read_key_pair(settings.path(Setting::collector_key)));
    TRY_ASSIGN(const auto enrolled, read_enrolments(settings.path(Setting::collector_enrolled)));
    fmt::print("settings, key and {} enrolments are good\n", enrolled.size());
    return {};
}

/// Returns the exit code.
Result<int> run(const Options& options, std::vector<std::string> arguments) {
    TRY_ASSIGN(const auto settings, load_settings(options.sources));
    if (options.dry_run) {
        TRY(check(settings));
        return 0;
    }
    log::set_up("minewarden-collector", settings.text(Setting::log_format),
                settings.text(Setting::log_level));
    if (options.part == Part::intake) {
        TRY(run_intake_part(settings, options.bound));
        return 0;
    }
    if (options.part == Part::store) {
        TRY(run_store_part(settings, options.bound));
        return 0;
    }
    for (const std::string& problem : settings.problems()) log::error("left out: {}", problem);
    TRY_ASSIGN(auto supervisor,
               Supervisor::create({.listen = {settings.text(Setting::collector_listen)},
                                   .arguments = std::move(arguments)}));
    return supervisor.run();
}

} // namespace
} // namespace minewarden::collector

int main(int argc, char** argv) {
    using namespace minewarden;
    const auto parsed = collector::parse_options(argc, argv);
    if (!parsed) {
        fmt::print(stderr, "minewarden-collector: {}\n", parsed.error().message);
        return exit_code(parsed.error().kind);
    }
    if (const auto* information = std::get_if<collector::Information>(&*parsed)) {
        fmt::print("{}", information->text);
        return 0;
    }
    try {
        const auto ended = collector::run(std::get<collector::Options>(*parsed),
                                          std::vector<std::string>(argv, argv + argc));
        if (ended) return *ended;
        fmt::print(stderr, "minewarden-collector: {}\n", ended.error().message);
        return exit_code(ended.error().kind);
    } catch (const std::exception& error) {
        fmt::print(stderr, "minewarden-collector: {}\n", error.what());
        return exit_code(ErrorKind::internal);
    }
}
