// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/connections/connections.h"
#include "agent/pipeline/event_dispatcher.h"
#include "agent/pipeline/window_clock.h"
#include "agent/sources/fp_mode/fp_mode_sampler.h"
#include "agent/sources/registry/source_registry.h"
#include "agent/visibility/gap_report.h"
#include "agent/watch/hot_thread_watch.h"
#include "agent/watch/owner_search.h"
#include "agent/watch/process_watch.h"
#include "agent/watch/traffic_watch.h"

#include <filesystem>

namespace minewarden::agent {

struct HostWatchOptions {
    std::chrono::nanoseconds window{};
    BootId boot;
    std::string agent_key; ///< the 32 bytes of the public key
    std::filesystem::path state_directory;
    std::shared_ptr<const rules::RuleSet> rules;
    std::shared_ptr<const rules::IndicatorSet> indicators;
    bool syscall_sampling = true;
    std::vector<std::string> disabled_hooks; ///< see BpfContext::create()
};

/// Watches this host: makes the parts of the agent, connects them with each other and with the
/// sources, and gives each its turn on a tick and at the end of a window. Records come out in the
/// outbox. One thread; tick() is called four times a second.
class HostWatch {
  public:
    /// `outbox` outlives this; `on_appended` is called when it has a new record. Starts no thread,
    /// so that privileges can be dropped after it.
    static Result<std::unique_ptr<HostWatch>> start(HostWatchOptions options, Outbox& outbox,
                                                    std::function<void()> on_appended);

    /// Starts the thread that samples rounding modes.
    void start_sampling();

    static constexpr std::chrono::milliseconds tick_interval{250};
    void tick();

    /// Becomes readable when the event ring fills up: call drain().
    [[nodiscard]] int wakeup_fd() const { return sources_->ring().wakeup_fd(); }
    void drain();

    void replace_rules(std::shared_ptr<const rules::RuleSet> rules) {
        verdicts_.replace_rules(std::move(rules));
    }
    void replace_indicators(std::shared_ptr<const rules::IndicatorSet> indicators) {
        connections_.replace_indicators(std::move(indicators));
    }

    /// Handles what the sources still have, and saves the open findings.
    void stop();

    /// Without stream and outbox, which are left to the caller.
    [[nodiscard]] wire::Heartbeat heartbeat() const;
    [[nodiscard]] std::vector<Capability> capabilities() const { return sources_->capabilities(); }

  private:
    HostWatch(HostWatchOptions options, Outbox& outbox, std::function<void()> on_appended,
              std::unique_ptr<EventDispatcher> events, std::unique_ptr<SourceRegistry> sources);

    /// The table of events. A new type is a line there.
    void handle_events();
    [[nodiscard]] bool is_window_over(BootTime now);
    void end_window(BootTime now);
    void report_gaps();
    [[nodiscard]] PlaceCounts counts() const;

    const Outbox& outbox_;
    std::unique_ptr<EventDispatcher> events_; // before sources_, whose ring calls it
    std::unique_ptr<SourceRegistry> sources_;
    std::unique_ptr<FpModeSampler> sampler_; ///< nullptr before start_sampling(), or without source
    BootTime started_;
    WindowClock clock_;
    Reporter reporter_;
    ProcessTable processes_;
    Connections connections_;
    Verdicts verdicts_;
    SyscallSampling syscalls_;
    ProcessWatch process_watch_;
    HotThreadWatch hot_threads_;
    OwnerSearch owner_search_;
    TrafficWatch traffic_;
    GapReport gaps_;
};

} // namespace minewarden::agent
