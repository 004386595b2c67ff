// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/connections/connections.h"
#include "agent/daemon/syscall_sampling.h"
#include "agent/findings/reporter.h"
#include "agent/sources/cpu_share.h"
#include "agent/sources/fp_mode/fp_mode_sampler.h"
#include "agent/sources/registry/source_registry.h"
#include "agent/windows/host_load.h"
#include "agent/windows/hot_threads.h"
#include "agent/windows/window_builder.h"
#include "agent/windows/worker_windows.h"

#include <chrono>
#include <deque>
#include <map>
#include <set>

namespace minewarden::agent {

struct AgentOptions {
    std::chrono::nanoseconds window{};
    BootId boot;
    std::string agent_key; ///< the 32 bytes of the public key
    std::filesystem::path state_directory;
    std::shared_ptr<const rules::IndicatorSet> indicators;
    bool syscall_sampling = true;
    std::vector<std::string> disabled_hooks; ///< see BpfContext::create()
};

/// The agent without its process: events and pulls in, records in the outbox out. One thread;
/// driven by tick() four times a second.
class Agent {
  public:
    /// `outbox` outlives the agent; `on_appended` is called whenever it has a new record. Starts no
    /// thread, so that privileges can be dropped after it.
    static Result<std::unique_ptr<Agent>> start(AgentOptions options,
                                                std::shared_ptr<const rules::RuleSet> rules,
                                                Outbox& outbox, std::function<void()> on_appended);

    /// Starts the thread that samples rounding modes.
    void start_sampling();

    static constexpr std::chrono::milliseconds tick_interval{250};
    void tick();

    /// Becomes readable when the event ring fills up: call drain().
    [[nodiscard]] int wakeup_fd() const { return sources_->ring().wakeup_fd(); }
    void drain();

    void replace_rules(std::shared_ptr<const rules::RuleSet> rules);
    void replace_indicators(std::shared_ptr<const rules::IndicatorSet> indicators) {
        connections_.replace_indicators(std::move(indicators));
    }

    /// Handles what the sources still have and saves the open findings.
    void stop();

    /// Coverage and cost, for the collector. Stream and outbox numbers are left to the caller.
    [[nodiscard]] wire::Heartbeat heartbeat() const;
    [[nodiscard]] std::vector<Capability> capabilities() const { return sources_->capabilities(); }

  private:
    Agent(AgentOptions options, std::shared_ptr<const rules::RuleSet> rules, Outbox& outbox,
          std::function<void()> on_appended);

    /// Windows of full length after one that ended early: programs cannot shorten windows at will,
    /// on which rules count for "without pause".
    static constexpr std::uint64_t windows_between_early_ones = 5;

    void on_event(ByteView bytes);
    void on_exec(const abi::process_exec_event& event);
    void on_fork(const abi::process_fork_event& event);
    void on_exit(const abi::process_exit_event& event);
    void on_payload(ByteView bytes);
    void on_dns_answer(ByteView bytes);
    void settle_departures();
    void forget(const rules::ImageKey& image, CloseReason reason);
    void observe(std::vector<SubjectObservation> observations);
    void find_holders();
    void observe_traffic(BootTime now);
    void read_on();
    void report_changes();
    void scan_hot_threads();
    void watch_threads();
    [[nodiscard]] std::vector<ThreadKey> churning_processes() const;
    void observe_syscalls_of_window(BootTime now);
    [[nodiscard]] bool ends_early(BootTime now);
    void end_window();
    void report_gaps();
    void settle_restored();
    void remember_departed(const rules::ImageKey& image);

    AgentOptions options_;
    rules::Engine engine_;
    Reporter reporter_;
    ProcessTable processes_;
    Connections connections_;
    HotThreads hot_threads_;
    HostLoad host_load_;
    std::vector<ThreadKey> watched_threads_;
    WindowBuilder windows_;
    WorkerWindows workers_;
    std::uint64_t windows_since_early_ = windows_between_early_ones;
    SyscallSampling syscalls_;
    TaskTable table_;
    std::unique_ptr<SourceRegistry> sources_;
    std::unique_ptr<FpModeSampler> fp_modes_; ///< nullptr if the kernel cannot be asked

    /// Images that are gone and had a finding, the newest: their connections may still be closing.
    std::set<rules::ImageKey> departed_;
    std::deque<rules::ImageKey> departed_order_; ///< newest first

    BootTime started_;
    BootTime next_window_;
    CpuShare holders_share_{50}; ///< of asking for the holders of descriptors
    CpuShare counts_share_{50};  ///< of asking what connections carried
    std::uint64_t unfinished_counts_ = 0;
    std::uint64_t unfinished_holders_ = 0;
    WallTime last_gap_report_;
    std::uint64_t ticks_ = 0;
    std::uint64_t windows_judged_ = 0;
    std::uint64_t malformed_events_ = 0;
    std::uint64_t missed_processes_ = 0;
    std::map<std::string_view, std::uint64_t> reported_errors_;
};

} // namespace minewarden::agent
