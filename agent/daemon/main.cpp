// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/daemon.h"
#include "agent/daemon/event_loop.h"
#include "agent/daemon/load_indicators.h"
#include "agent/daemon/load_rules.h"
#include "agent/daemon/options.h"
#include "agent/daemon/own_namespaces.h"
#include "agent/daemon/standalone.h"
#include "agent/probe/probe.h"
#include "agent/sources/registry/source_registry.h"
#include "common/log.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <unistd.h>

namespace minewarden::agent {
namespace {

Result<Loaded> load(const Options& options) {
    TRY_ASSIGN(auto settings, load_settings(options.sources));
    std::vector<std::string> problems = settings.problems();
    TRY_ASSIGN(auto rules, load_rules(settings, options.rules, problems));
    TRY_ASSIGN(auto indicators, load_indicators(settings, problems));
    return Loaded{std::move(settings), std::move(rules), std::move(indicators),
                  std::move(problems)};
}

Result<Destination> destination_of(const Settings& settings) {
    for (const std::string& endpoint : settings.list(Setting::agent_collector)) {
        TRY(collector_endpoint(endpoint));
    }
    TRY_ASSIGN(auto keys, read_key_pair(settings.path(Setting::agent_key)));
    TRY_ASSIGN(auto collector, read_public_key(settings.path(Setting::agent_collector_key)));
    return Destination{settings.list(Setting::agent_collector), collector, keys};
}

Result<void> run(const Options& options) {
    if (options.mode == Mode::probe) {
        TRY_ASSIGN(const auto settings, load_settings(options.sources));
        log::set_up("minewarden-agent", settings.text(Setting::log_format),
                    settings.text(Setting::log_level));
        const auto capabilities = probe(settings.list(Setting::agent_disabled_hooks));
        fmt::print("{}", options.json ? to_json(capabilities) : to_table(capabilities));
        return {};
    }
    TRY_ASSIGN(auto loaded, load(options));
    const Settings& settings = loaded.settings;
    log::set_up("minewarden-agent", settings.text(Setting::log_format),
                settings.text(Setting::log_level));
    auto reload = [options] { return load(options); };
    TRY(adjust_to_namespaces());
    if (options.mode != Mode::dry_run && ::geteuid() != 0)
        log::warn("not running as root: tracing needs CAP_BPF and CAP_PERFMON");
    if (options.mode == Mode::standalone)
        return run_standalone(std::move(loaded), std::move(reload));

    TRY_ASSIGN(auto destination, destination_of(settings));
    if (options.mode == Mode::dry_run) {
        if (!loaded.problems.empty())
            return fail(ErrorKind::config, fmt::format("{}", fmt::join(loaded.problems, "\n")));
        fmt::print("settings, keys, {} indicators and {} rules are good (rule set {})\n",
                   loaded.indicators->size(), loaded.rules->rules().size(),
                   to_hex(loaded.rules->digest()).substr(0, 16));
        return {};
    }
    EventLoop::block_signals();
    return run_daemon({std::move(loaded), std::move(destination), std::move(reload), nullptr});
}

} // namespace
} // namespace minewarden::agent

int main(int argc, char** argv) {
    using namespace minewarden;
    const auto parsed = agent::parse_options(argc, argv);
    if (!parsed) {
        fmt::print(stderr, "minewarden-agent: {}\n", parsed.error().message);
        return exit_code(parsed.error().kind);
    }
    if (const auto* information = std::get_if<agent::Information>(&*parsed)) {
        fmt::print("{}", information->text);
        return 0;
    }
    try {
        const auto ended = agent::run(std::get<agent::Options>(*parsed));
        if (ended) return 0;
        fmt::print(stderr, "minewarden-agent: {}\n", ended.error().message);
        return exit_code(ended.error().kind);
    } catch (const std::exception& error) {
        fmt::print(stderr, "minewarden-agent: {}\n", error.what());
        return exit_code(ErrorKind::internal);
    }
}
