// SPDX-License-Identifier: Apache-2.0
// The one place where agent and collector meet: this file belongs to the program, not to the
// agent's library, so the rooms below stay apart.
#include "agent/daemon/standalone.h"

#include "agent/daemon/event_loop.h"
#include "cli/finding_view.h"
#include "collector/render/finding_json.h"
#include "collector/service.h"
#include "common/file.h"
#include "common/host/boot.h"
#include "common/log.h"
#include "common/patient_output.h"

namespace minewarden::agent {
namespace {

namespace fs = std::filesystem;

/// The key at `path`, made on the first start: findings keep their ids over restarts.
Result<CurveKeyPair> own_key(const fs::path& path) {
    std::error_code error;
    if (!fs::exists(path, error)) {
        TRY(write_key_pair(CurveKeyPair::generate(), path));
    }
    return read_key_pair(path);
}

/// Prints each committed version of a finding on stdout, in the thread that follows the store. What
/// its reader does holds up nothing else: what is not printed yet is in the store.
class Printer {
  public:
    /// REQUIRES: privileges are not dropped yet (PatientOutput).
    explicit Printer(const std::string& output)
        : json_lines_(output == "jsonl"),
          style_(cli::style_of_terminal(language_of_environment())) {}

    /// False once nothing can be printed any more.
    bool print(std::span<const collector::StoredFinding> findings,
               const collector::RuleSource& rules, const std::stop_token& stop) {
        for (const collector::StoredFinding& found : findings) {
            const nlohmann::json finding = collector::render_finding(found, rules);
            const std::string text =
                json_lines_ ? collector::to_text(finding) : cli::show_finding(finding, style_);
            if (!output_.write(text + "\n", stop)) {
                if (output_.is_closed())
                    log::warn("standalone: stdout is closed, so findings are no longer printed; "
                              "watching goes on, and minewarden findings shows them");
                return false;
            }
            ++printed_;
        }
        return true;
    }
    /// After the printing thread has ended. `stored`: finding versions committed meanwhile.
    void report_unprinted(std::uint64_t stored) const {
        if (stored > printed_)
            log::warn("standalone: {} finding versions were stored and not printed; minewarden "
                      "findings shows them",
                      stored - printed_);
    }

  private:
    PatientOutput output_{STDOUT_FILENO, "stdout"};
    bool json_lines_;
    cli::ViewStyle style_;
    std::uint64_t printed_ = 0;
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
        .database = configured_database.empty() ? state / "collector.sqlite"
                                                : fs::path(configured_database),
        .api_socket = settings.path(Setting::api_socket),
        .on_committed = [&](std::span<const collector::StoredFinding> findings,
                            const collector::RuleSource& rules, const std::stop_token& stop) {
            return printer.print(findings, rules, stop);
        }};

    auto ended =
        run_daemon({.settings = loaded.settings,
                    .rules = std::move(loaded.rules),
                    .indicators = std::move(loaded.indicators),
                    .destination = {endpoint, collector_keys.public_key(), agent_keys},
                    .reload = std::move(reload),
                    .before_sending = [&]() -> Result<void> {
                        TRY_ASSIGN(auto started, collector::Service::start(service_options));
                        service = std::move(started);
                        log::info("standalone: watching; findings are printed here and served "
                                  "at {}",
                                  service_options.api_socket.string());
                        return {};
                    }});
    if (service) {
        service->stop();
        printer.report_unprinted(service->counters().findings);
    }
    return ended;
}

} // namespace minewarden::agent
