// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/host_watch.h"

#include "agent/daemon/heartbeat.h"
#include "agent/watch/reading_on.h"
#include "common/host/idle_time.h"

#include <unistd.h>

namespace minewarden::agent {
namespace {

SyscallSampling::Counter syscall_counter(SyscallSource& source, bool enabled) {
    if (!enabled || !source.is_loaded()) return {};
    return {
        [&source](const rules::ImageKey& image, BootTime now) { return source.begin(image, now); },
        [&source](BootTime now) { return source.end(now); }};
}

std::int64_t online_cpus() {
    return ::sysconf(_SC_NPROCESSORS_ONLN);
}

std::function<Result<void>(TaskTable&)> task_pull(TaskSource& source) {
    if (!source.is_attached()) return {};
    return [&source](TaskTable& table) { return source.pull(table); };
}

HotThreadWatch::Host host_of(TaskSource& source) {
    HotThreadWatch::Host host;
    if (source.has_runtimes()) host.runtimes = [&source] { return source.pull_runtimes(); };
    host.idle_time = read_idle_time;
    host.cpus = static_cast<std::uint64_t>(online_cpus());
    return host;
}

OwnerSearch::Pull holder_pull(FlowHolderSource& source) {
    if (!source.is_attached()) return {};
    return [&source](const OwnerSearch::OnHolders& on_holders, std::uint64_t most_cpu_ns) {
        return source.pull(on_holders, most_cpu_ns);
    };
}

TrafficWatch::Pull count_pull(FlowCountSource& source) {
    if (!source.is_attached()) return {};
    return [&source](const TrafficWatch::OnCounts& on_counts, std::uint64_t most_cpu_ns) {
        return source.pull(on_counts, most_cpu_ns);
    };
}

Connections::Sight sight_of(const FlowCountSource& source) {
    return source.sees_every_socket() ? Connections::Sight::every_socket
                                      : Connections::Sight::held_sockets;
}

} // namespace

HostWatch::HostWatch(HostWatchOptions options, Outbox& outbox, std::function<void()> on_appended,
                     std::unique_ptr<EventDispatcher> events,
                     std::unique_ptr<SourceRegistry> sources)
    : outbox_(outbox),
      events_(std::move(events)),
      sources_(std::move(sources)),
      started_(boot_now()),
      clock_(options.window),
      reporter_(FindingBook(as_bytes(options.agent_key), options.boot), outbox,
                options.state_directory / "open-findings.cbor", std::move(on_appended)),
      connections_(processes_, std::move(options.indicators)),
      verdicts_({std::move(options.rules), options.boot, options.window}, processes_, reporter_,
                [this](const rules::VerdictRecord& change) {
                    const auto* image = std::get_if<rules::ImageKey>(&change.subject);
                    syscalls_.on_verdict(change, image != nullptr && processes_.runs(*image));
                }),
      syscalls_(syscall_counter(sources_->get<SyscallSource>(), options.syscall_sampling),
                options.window),
      process_watch_(processes_, verdicts_, syscalls_,
                     {task_pull(sources_->get<TaskSource>()),
                      [this] { return sampler_ ? sampler_->take_window() : FpModeCounts(); },
                      online_cpus},
                     options.window),
      hot_threads_(process_watch_.workers(), processes_, host_of(sources_->get<TaskSource>()),
                   [this](std::vector<ThreadKey> threads, std::vector<ThreadKey> processes) {
                       sampler_->watch(std::move(threads), std::move(processes));
                   }),
      owner_search_(connections_, holder_pull(sources_->get<FlowHolderSource>()), options.window),
      traffic_(connections_, count_pull(sources_->get<FlowCountSource>()),
               sight_of(sources_->get<FlowCountSource>())),
      gaps_(wall_now()) {
    handle_events();
}

Result<std::unique_ptr<HostWatch>> HostWatch::start(HostWatchOptions options, Outbox& outbox,
                                                    std::function<void()> on_appended) {
    auto events = std::make_unique<EventDispatcher>();
    TRY_ASSIGN(auto sources,
               SourceRegistry::attach([to = events.get()](ByteView event) { to->dispatch(event); },
                                      options.disabled_hooks));
    std::unique_ptr<HostWatch> watch(new HostWatch(
        std::move(options), outbox, std::move(on_appended), std::move(events), std::move(sources)));
    watch->owner_search_.search(boot_now()); // for the listeners of now
    watch->verdicts_.restore();
    watch->end_window(boot_now()); // the baseline; what runs already is judged from the next on
    watch->verdicts_.close_ended();
    return watch;
}

void HostWatch::handle_events() {
    using abi::dns_answer_event;
    using abi::flow_event;
    using abi::flow_payload_event;
    using abi::process_exit_event;
    auto& on = *events_;
    // A program may end in the drain that shows its conversation.
    const auto observe_conversations = [this](const auto& event) {
        const BootTime time{event.header.boottime_ns};
        verdicts_.observe(connections_.conversations_of(event.subject.pid, time));
    };
    on.on<abi::process_exec_event>(abi::EVENT_PROCESS_EXEC,
                                   [this, observe_conversations](const auto& event) {
                                       observe_conversations(event);
                                       process_watch_.on_exec(event);
                                   });
    on.on<abi::process_fork_event>(abi::EVENT_PROCESS_FORK,
                                   [this](const auto& event) { process_watch_.on_fork(event); });
    on.on<process_exit_event>(abi::EVENT_PROCESS_EXIT,
                              [this, observe_conversations](const auto& event) {
                                  observe_conversations(event);
                                  process_watch_.on_exit(event);
                              });
    on.on<process_exit_event>(abi::EVENT_THREAD_EXIT,
                              [this](const auto& event) { process_watch_.on_exit(event); });
    on.on<flow_event>(abi::EVENT_FLOW_OPEN, [this](const auto& event) {
        verdicts_.observe(connections_.on_open(event));
    });
    on.on_with_data<flow_payload_event>(abi::EVENT_FLOW_PAYLOAD,
                                        [this](const auto& event, ByteView data) {
                                            verdicts_.observe(connections_.on_payload(event, data));
                                        });
    on.on<flow_event>(abi::EVENT_FLOW_CLOSE, [this](const auto& event) {
        verdicts_.observe(connections_.on_close(event));
    });
    on.on<flow_event>(abi::EVENT_LISTEN_BEGIN,
                      [this](const auto& event) { connections_.on_listener(event); });
    on.on<flow_event>(abi::EVENT_LISTEN_END,
                      [this](const auto& event) { connections_.on_listener(event); });
    on.on_with_data<dns_answer_event>(
        abi::EVENT_DNS_ANSWER,
        [this](const auto& event, ByteView data) { connections_.on_dns_answer(event, data); });
}

void HostWatch::start_sampling() {
    auto& source = sources_->get<FpModeSource>();
    if (source.is_attached()) sampler_ = std::make_unique<FpModeSampler>(source);
}

void HostWatch::drain() {
    sources_->ring().drain();
    verdicts_.observe(owner_search_.search_if_awaited(boot_now()));
    verdicts_.judge_news();
}

void HostWatch::tick() {
    drain();
    const BootTime now = boot_now();
    if (sampler_) {
        sampler_->rescue_if_stuck();
        hot_threads_.tick(now);
    }
    syscalls_.tick(now);
    verdicts_.observe(connections_.conversations(now));
    verdicts_.judge_news();
    if (is_window_over(now)) end_window(now);
    if (reporter_.waiting() > 0) reporter_.retry();
    verdicts_.save_if_changed();
}

bool HostWatch::is_window_over(BootTime now) {
    if (clock_.is_over(now)) return true;
    // A thread that begins to change its rounding mode is judged at once, each program once.
    return clock_.may_end_early(now) && sampler_ && !sampler_->take_striking().empty();
}

void HostWatch::end_window(BootTime now) {
    clock_.end(now);
    process_watch_.end_window(now);
    const bool traffic_wanted = verdicts_.is_wanted(rules::ObservationType::flow_window);
    verdicts_.observe(owner_search_.end_window(now, traffic_wanted));
    verdicts_.observe(traffic_.end_window(now, traffic_wanted));
    read_on(connections_, [this](std::span<const std::uint64_t> flow_ids) {
        return sources_->get<FlowSource>().read_again(flow_ids);
    });
    verdicts_.observe(connections_.sessions(now));
    verdicts_.observe(connections_.destinations(now));
    verdicts_.end_window();
    report_gaps();
    verdicts_.save();
}

void HostWatch::stop() {
    syscalls_.stop(boot_now());
    drain();
    verdicts_.save();
}

void HostWatch::report_gaps() {
    std::vector<Loss> losses = losses_of(counts());
    for (const ErrorCount& error : sources_->errors())
        if (error.effect == abi::ERROR_LOST)
            losses.push_back({error.place, error.count, error.loss});
    for (const Gap& gap : gaps_.take(losses, wall_now()))
        reporter_.report_gap(gap.place, gap.lost, gap.from, gap.until, gap.meaning);
}

PlaceCounts HostWatch::counts() const {
    using enum Place;
    PlaceCounts counts;
    sources_->count(counts);
    counts[malformed_event] = events_->malformed();
    counts[process_event_missed] = process_watch_.missed();
    counts[flow_forgotten] = connections_.forgotten();
    counts[flow_payload_unread] = connections_.unread();
    counts[flow_holders_unfinished] = owner_search_.unfinished();
    counts[flow_counts_unfinished] = traffic_.unfinished();
    counts[listener_forgotten] = connections_.listeners().forgotten();
    counts[flow_message_without_owner] = connections_.unattributed();
    counts[flow_owner_gone] = connections_.owners_gone();
    counts[flow_end_missed] = connections_.ends_missed();
    counts[dns_encrypted] = connections_.encrypted_resolvers();
    counts[dns_malformed] = connections_.answers().malformed;
    counts[dns_owner_unknown] = connections_.answers().owner_unknown;
    counts[dns_stream_incomplete] = connections_.answers().resynchronised;
    counts[dns_name_forgotten] = connections_.names_forgotten();
    counts[record_given_up] = reporter_.given_up();
    counts[outbox_lost] = outbox_.lost();
    return counts;
}

wire::Heartbeat HostWatch::heartbeat() const {
    return make_heartbeat({.uptime_ns = boot_now().ns - started_.ns,
                           .rule_set = verdicts_.rules().digest(),
                           .windows = clock_.ended(),
                           .open_findings = reporter_.book().open_count(),
                           .capabilities = sources_->capabilities(),
                           .kernel_errors = sources_->errors(),
                           .counts = counts()});
}

} // namespace minewarden::agent
