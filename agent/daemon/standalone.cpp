// SPDX-License-Identifier: Apache-2.0
// Agent and collector meet only here. This file belongs to the program and not to the agent's
// library, so the rooms below stay apart.
#include "agent/daemon/standalone.h"

#include "agent/daemon/event_loop.h"
#include "cli/finding_view.h"
#include "collector/render/finding_json.h"
#include "collector/retention/policy.h"
#include "collector/service.h"
#include "common/bounded_output.h"
#include "common/file.h"
#include "common/host/boot.h"
#include "common/log.h"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <unistd.h>

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

/// How long stdout may take nothing until the log says so.
constexpr std::chrono::seconds stall_time{5};

/// Prints each committed version of a finding on stdout, in the thread that follows the store. Its
/// reader holds up nothing else: what is not printed yet is in the store.
class Printer {
  public:
    /// REQUIRES: privileges are not dropped yet (BoundedOutput).
    explicit Printer(const std::string& output)
        : json_lines_(output == "jsonl"),
          style_(cli::style_of_terminal(language_of_environment())) {}

    /// False if printing ends: stdout is closed or a stop is requested.
    bool print(std::span<const collector::StoredFinding> findings,
               const collector::RuleSource& rules, const std::stop_token& stop) {
        for (const collector::StoredFinding& found : findings) {
            const nlohmann::json finding = collector::render_finding(found, rules);
            const std::string text =
                json_lines_ ? collector::to_text(finding) : cli::show_finding(finding, style_);
            if (!write(text + "\n", stop)) return false;
            ++printed_;
        }
        return true;
    }
    /// After the printing thread has ended. `stored`: finding versions committed meanwhile.
    void report_unprinted(std::uint64_t stored) const {
        const std::uint64_t printed = output_.is_complete() ? printed_ : printed_ - 1;
        if (stored > printed)
            log::warn("standalone: {} finding versions were stored but not printed; minewarden "
                      "findings shows them",
                      stored - printed);
    }

  private:
    bool write(const std::string& text, const std::stop_token& stop) {
        for (;;) {
            const auto written = output_.write(text, stall_time, stop);
            if (written) {
                if (std::exchange(is_stalled_, false))
                    log::info("standalone: stdout takes findings again");
                return true;
            }
            if (written.error() == EPIPE) {
                log::warn("standalone: stdout is closed, so findings are no longer printed; "
                          "watching continues, and minewarden findings shows them");
                return false;
            }
            if (stop.stop_requested()) return false;
            if (!std::exchange(is_stalled_, true))
                log::warn("standalone: {}, so findings wait in the store; watching continues",
                          written.error() == EAGAIN
                              ? "stdout is not read"
                              : "cannot write to stdout: " +
                                    std::generic_category().message(written.error()));
        }
    }

    BoundedOutput output_{STDOUT_FILENO};
    bool json_lines_;
    cli::ViewStyle style_;
    bool is_stalled_ = false; ///< and logged
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
        .database = configured_database.empty() ? (state / "collector.sqlite").string()
                                                : configured_database,
        .api_socket = settings.path(Setting::api_socket),
        .on_committed =
            [&](std::span<const collector::StoredFinding> findings,
                const collector::RuleSource& rules,
                const std::stop_token& stop) { return printer.print(findings, rules, stop); },
        .retention = {.policy = collector::retention_policy(settings)}};

    auto ended =
        run_daemon({.loaded = std::move(loaded),
                    .destination = {{endpoint}, collector_keys.public_key(), agent_keys},
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
