// SPDX-License-Identifier: Apache-2.0
// Agent and collector meet only here. This file belongs to the program and not to the agent's
// library, so the rooms below stay apart.
#include "agent/daemon/standalone.h"

#include "agent/daemon/event_loop.h"
#include "cli/finding_view.h"
#include "collector/render/finding_json.h"
#include "collector/retention/policy.h"
#include "collector/service.h"
#include "common/file.h"
#include "common/host/boot.h"
#include "common/log.h"

#include <fmt/core.h>

namespace minewarden::agent {
namespace {

namespace fs = std::filesystem;

/// The key at `path`. Generated on the first start, so that findings keep their ids over restarts.
Result<CurveKeyPair> own_key(const fs::path& path) {
    std::error_code error;
    if (!fs::exists(path, error)) {
        TRY(write_key_pair(CurveKeyPair::generate(), path));
    }
    return read_key_pair(path);
}

/// Prints each committed version of a finding.
class Printer {
  public:
    explicit Printer(const std::string& output)
        : json_lines_(output == "jsonl"),
          style_(cli::style_of_terminal(language_of_environment())) {}

    void use_rules(const collector::RuleSource& rules) { rules_ = &rules; }

    void print(std::span<const collector::StoredFinding> findings) const {
        for (const collector::StoredFinding& found : findings) {
            const nlohmann::json finding = collector::render_finding(found, *rules_);
            if (json_lines_)
                fmt::print("{}\n", collector::to_text(finding));
            else
                fmt::print("{}\n", cli::show_finding(finding, style_));
        }
        std::fflush(stdout);
    }

  private:
    bool json_lines_;
    cli::ViewStyle style_;
    const collector::RuleSource* rules_ = nullptr;
};

} // namespace

Result<void> run_standalone(Loaded loaded, decltype(DaemonOptions::reload) reload) {
    const Settings& settings = loaded.settings;
    EventLoop::block_signals();
    const fs::path state = settings.path(Setting::state_dir);
    TRY(make_directory(state, 0700));
    TRY_ASSIGN(auto agent_keys, own_key(state / "standalone-agent.key"));
    TRY_ASSIGN(auto collector_keys, own_key(state / "standalone-collector.key"));

    const std::string configured_name = settings.text(Setting::agent_name);
    const std::string name = configured_name.empty() ? host_name() : configured_name;
    const std::string endpoint = "ipc://" + (state / "intake.sock").string();
    const std::string configured_database = settings.text(Setting::collector_database);
    Printer printer(settings.text(Setting::agent_output));
    std::unique_ptr<collector::Service> service;
    const collector::ServiceOptions service_options{
        .listen = {endpoint},
        .keys = collector_keys,
        .enrolled = std::vector<Enrolment>{{agent_keys.public_key(), name, wall_now(), {}}},
        .database = configured_database.empty() ? (state / "collector.sqlite").string()
                                                : configured_database,
        .api_socket = settings.path(Setting::api_socket),
        .on_committed =
            [&](std::span<const collector::StoredFinding> findings) { printer.print(findings); },
        .retention = {.policy = collector::retention_policy(settings)}};

    return run_daemon({.settings = loaded.settings,
                       .rules = std::move(loaded.rules),
                       .indicators = std::move(loaded.indicators),
                       .destination = {{endpoint}, collector_keys.public_key(), agent_keys},
                       .reload = std::move(reload),
                       .before_sending = [&]() -> Result<void> {
                           TRY_ASSIGN(auto started, collector::Service::start(service_options));
                           service = std::move(started);
                           printer.use_rules(service->rules());
                           log::info("standalone: watching; findings are printed here and served "
                                     "at {}",
                                     service_options.api_socket.string());
                           return {};
                       }});
}

} // namespace minewarden::agent
