// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/daemon.h"

#include "agent/daemon/event_loop.h"
#include "agent/daemon/heartbeat.h"
#include "agent/daemon/host_watch.h"
#include "agent/daemon/privileges.h"
#include "common/host/boot.h"
#include "common/log.h"
#include "common/service_notify.h"

#include <fmt/core.h>

#include <malloc.h>

namespace minewarden::agent {
namespace {

/// The running daemon: watch, outbox and uplink, and what happens on each tick.
class Daemon {
  public:
    explicit Daemon(DaemonOptions options) : options_(std::move(options)) {}

    Result<void> start() {
        const Settings& settings = options_.loaded.settings;
        TRY_ASSIGN(const auto boot, read_boot_id());
        const std::filesystem::path state = settings.path(Setting::state_dir);
        TRY(make_directory(state, 0700));
        TRY_ASSIGN(auto outbox,
                   Outbox::open(state / "outbox",
                                {.limit_bytes = settings.size(Setting::agent_outbox_limit),
                                 .sync = settings.text(Setting::agent_outbox_sync) == "always"}));
        outbox_ = std::move(outbox);

        const ByteView key = options_.destination.agent_keys.public_key().view();
        TRY_ASSIGN(auto watch,
                   HostWatch::start(
                       {.window = settings.duration(Setting::agent_window),
                        .boot = boot,
                        .agent_key = std::string(as_text(key)),
                        .state_directory = state,
                        .rules = options_.loaded.rules,
                        .indicators = options_.loaded.indicators,
                        .syscall_sampling = settings.text(Setting::agent_syscall_sampling) == "on",
                        .disabled_hooks = settings.list(Setting::agent_disabled_hooks)},
                       *outbox_, [this] {
                           if (uplink_) uplink_->notify();
                       }));
        watch_ = std::move(watch);
        log_capabilities();
        for (const std::string& problem : options_.loaded.problems)
            log::error("left out: {}", problem);
        // libbpf parsed the kernel's type information and freed it. Return that memory.
        ::malloc_trim(0);
        TRY(drop_privileges());
        watch_->start_sampling();
        if (options_.before_sending) {
            TRY(options_.before_sending());
        }
        const std::string name = settings.text(Setting::agent_name);
        TRY_ASSIGN(auto uplink, Uplink::start({.endpoints = options_.destination.endpoints,
                                               .collector_key = options_.destination.collector_key,
                                               .boot = boot,
                                               .agent_version = MINEWARDEN_VERSION,
                                               .host_name = name.empty() ? host_name() : name,
                                               .heartbeat_interval =
                                                   settings.duration(Setting::agent_heartbeat)},
                                              options_.destination.agent_keys, *outbox_));
        uplink_ = std::move(uplink);
        heartbeat_interval_ = settings.duration(Setting::agent_heartbeat);
        send_heartbeat();
        return {};
    }

    Result<void> run() {
        TRY_ASSIGN(auto loop, EventLoop::open(HostWatch::tick_interval, watch_->wakeup_fd()));
        notify_ready(fmt::format("{} rules in force", options_.loaded.rules->rules().size()));
        auto ended = loop.run({.on_tick = [this] { tick(); },
                               .on_readable = [this] { watch_->drain(); },
                               .on_reload = [this] { reload(); }});
        notify_stopping();
        watch_->stop();
        uplink_.reset();
        return ended;
    }

  private:
    void log_capabilities() const {
        for (const Capability& capability : watch_->capabilities()) {
            if (capability.coverage == Coverage::full)
                log::debug("{} works {}", capability.name, capability.source);
            else
                log::warn("{} {}: {}", capability.name,
                          capability.coverage == Coverage::none ? "is missing" : "is degraded",
                          describe_problem(capability));
        }
    }

    void tick() {
        watch_->tick();
        notify_watchdog();
        if (std::chrono::nanoseconds(static_cast<std::int64_t>(
                boot_now().ns - last_heartbeat_.ns)) >= heartbeat_interval_)
            send_heartbeat();
    }

    void send_heartbeat() {
        last_heartbeat_ = boot_now();
        wire::FromAgent message;
        wire::Heartbeat& heartbeat = *message.mutable_heartbeat();
        heartbeat = watch_->heartbeat();
        add_capability(heartbeat, configuration());
        heartbeat.set_stream(std::string(as_text(outbox_->stream().view())));
        heartbeat.set_heartbeat_interval_ns(
            static_cast<std::uint64_t>(heartbeat_interval_.count()));
        heartbeat.set_outbox_records(outbox_->waiting_records());
        heartbeat.set_outbox_bytes(outbox_->bytes());
        uplink_->send_heartbeat(message.SerializeAsString());
    }

    /// Tells the collector which files are wrong.
    [[nodiscard]] Capability configuration() const {
        Capability capability{.name = "configuration", .purpose = "settings, rules and lists"};
        const std::vector<std::string>& problems = options_.loaded.problems;
        if (problems.empty()) return capability;
        capability.coverage = Coverage::partial;
        capability.problem = problems.front();
        if (problems.size() > 1)
            capability.problem += fmt::format(" (and {} more in the log)", problems.size() - 1);
        capability.remedy = "correct or remove the file, then reload the agent";
        return capability;
    }

    void reload() {
        notify_reloading();
        auto fresh = options_.reload();
        if (!fresh || !fresh->problems.empty()) {
            log::error("reload failed, the old settings and rules stay in force:");
            options_.loaded.problems =
                fresh ? std::move(fresh->problems) : std::vector{fresh.error().message};
            for (const std::string& problem : options_.loaded.problems)
                log::write_lines(log::Level::error, problem);
        } else {
            options_.loaded.problems.clear();
            options_.loaded.settings = std::move(fresh->settings);
            const Settings& settings = options_.loaded.settings;
            log::set_up("minewarden-agent", settings.text(Setting::log_format),
                        settings.text(Setting::log_level));
            heartbeat_interval_ = settings.duration(Setting::agent_heartbeat);
            if (fresh->rules->digest() != options_.loaded.rules->digest()) {
                options_.loaded.rules = std::move(fresh->rules);
                watch_->replace_rules(options_.loaded.rules);
            }
            watch_->replace_indicators(std::move(fresh->indicators));
            log::info("reloaded: {} rules in force; endpoints, keys, paths and the window change "
                      "at a restart",
                      options_.loaded.rules->rules().size());
        }
        notify_ready(fmt::format("{} rules in force", options_.loaded.rules->rules().size()));
    }

    DaemonOptions options_;
    std::unique_ptr<Outbox> outbox_;
    std::unique_ptr<HostWatch> watch_;
    std::unique_ptr<Uplink> uplink_; // after outbox_, from which it reads
    std::chrono::nanoseconds heartbeat_interval_{};
    BootTime last_heartbeat_;
};

} // namespace

Result<void> run_daemon(DaemonOptions options) {
    Daemon daemon(std::move(options));
    TRY(daemon.start());
    return daemon.run();
}

} // namespace minewarden::agent
