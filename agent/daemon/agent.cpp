// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/agent.h"

#include "agent/daemon/read_event.h"
#include "agent/processes/is_running.h"
#include "agent/windows/syscall_window.h"
#include "common/host/idle_time.h"
#include "common/host/process_files.h"
#include "common/log.h"

#include <algorithm>
#include <cstring>
#include <unistd.h>

namespace minewarden::agent {
namespace {

constexpr std::uint64_t ticks_per_hot_scan = 8; // every two seconds
constexpr std::size_t maximum_departed = 4096;
/// Of one pass over all descriptors.
constexpr std::uint64_t most_pull_cpu_ns = 1'000'000'000;

std::optional<std::int64_t> largest_mapping_of(const rules::ImageKey& image) {
    const auto pid = static_cast<pid_t>(image.pid);
    const auto bytes = read_largest_private_mapping(pid);
    const auto start = read_start_ticks(pid);
    if (!bytes || !start || !matches_start(*start, image.start_boottime_ns)) return std::nullopt;
    return static_cast<std::int64_t>(*bytes >> 20);
}

CloseReason close_reason(Departure departure) {
    switch (departure) {
    case Departure::exited:
        return CloseReason::process_exited;
    case Departure::replaced:
        return CloseReason::program_replaced;
    case Departure::vanished:
        break;
    }
    return CloseReason::process_gone;
}

} // namespace

Agent::Agent(AgentOptions options, std::shared_ptr<const rules::RuleSet> rules, Outbox& outbox,
             std::function<void()> on_appended)
    : options_(std::move(options)),
      engine_(std::move(rules), options_.boot, options_.window),
      reporter_(FindingBook(as_bytes(options_.agent_key), options_.boot), outbox,
                options_.state_directory / "open-findings.cbor", std::move(on_appended)),
      processes_([this](const Process& process, Departure departure) {
          on_departure(process, departure);
      }),
      flows_(
          FlowTable::maximum_flows,
          [this](const abi::subject_id& subject) { return is_running(processes_, subject); },
          [this](const abi::subject_id& process, const abi::subject_id& ancestor) {
              return processes_.descends_from(process, ancestor);
          }),
      names_(options_.indicators),
      answers_(names_),
      destinations_(names_),
      windows_(largest_mapping_of),
      workers_(lineage_, options_.window),
      syscalls_(options_.syscall_sampling, options_.window),
      started_(boot_now()),
      last_gap_report_(wall_now()) {
}

Result<std::unique_ptr<Agent>> Agent::start(AgentOptions options,
                                            std::shared_ptr<const rules::RuleSet> rules,
                                            Outbox& outbox, std::function<void()> on_appended) {
    std::unique_ptr<Agent> agent(
        new Agent(std::move(options), std::move(rules), outbox, std::move(on_appended)));
    TRY_ASSIGN(auto sources, SourceRegistry::attach(
                                 [self = agent.get()](ByteView event) { self->on_event(event); },
                                 agent->options_.disabled_hooks));
    agent->sources_ = std::move(sources);
    agent->find_holders();                    // who listens already
    agent->reporter_.restore(agent->engine_); // before anything gets a number in the outbox
    agent->reporter_.report_rules(agent->engine_.rules());
    agent->end_window(); // the baseline; processes that run already are judged from the next
    agent->settle_restored();
    return agent;
}

void Agent::settle_restored() {
    for (const rules::Subject& subject : reporter_.book().subjects()) {
        const auto* image = std::get_if<rules::ImageKey>(&subject);
        if (image == nullptr) continue; // goes on, or ends when its evidence does
        const Process* process = processes_.find(image->pid);
        if (process != nullptr && process->image == *image) continue;
        engine_.forget(subject);
        reporter_.report_gone(subject, CloseReason::process_gone);
    }
}

void Agent::drain() {
    sources_->ring().drain();
    if (flows_.awaits_owner()) find_holders();
    engine_.judge_news();
    report_changes();
}

// Looks at every descriptor of the host, however many connections wait for an owner; where there
// are too many, at those that a second is enough for.
void Agent::find_holders() {
    const BootTime begin = boot_now();
    auto& source = sources_->get<FlowHolderSource>();
    if (!source.is_attached() || !holders_share_.is_due(begin)) return;
    const std::uint64_t cpu_before = thread_cpu_ns();
    const auto complete = source.pull(
        [this](std::span<const abi::flow_holder_record> holders) { flows_.on_holders(holders); },
        most_pull_cpu_ns);
    observe(flows_.settle_holders(complete && *complete, begin));
    if (!complete) {
        log::warn("owners of accepted connections are not known: {}", complete.error().message);
        holders_share_.rest_until({begin.ns + static_cast<std::uint64_t>(options_.window.count())});
        return;
    }
    if (!*complete) ++unfinished_holders_;
    holders_share_.spend(begin, thread_cpu_ns() - cpu_before);
}

// Also heals what a lost event left behind: a session whose end was not told would go on for ever.
void Agent::observe_traffic(BootTime now) {
    const bool wanted = !engine_.rules().rules_on(rules::ObservationType::flow_window).empty();
    auto& source = sources_->get<FlowCountSource>();
    if (!source.is_attached() || (!wanted && !flows_.has_sessions() && !destinations_.has_open()))
        return;
    flows_.disown_ended([this](std::uint64_t flow_id) { return destinations_.knows(flow_id); });
    if (flows_.awaits_owner() || (wanted && flows_.has_unowned())) find_holders();
    const BootTime asked = boot_now();
    if (!counts_share_.is_due(asked)) return;
    const std::uint64_t cpu_before = thread_cpu_ns();
    flows_.begin_counts();
    const auto complete = source.pull(
        [this](std::span<const abi::flow_counts_record> counts) { flows_.on_counts(counts); },
        most_pull_cpu_ns);
    counts_share_.spend(asked, thread_cpu_ns() - cpu_before);
    if (!complete) {
        log::warn("traffic of connections is not known: {}", complete.error().message);
        return;
    }
    if (wanted) observe(flows_.traffic(now));
    if (!*complete) {
        ++unfinished_counts_;
        return;
    }
    const auto sight = source.sees_every_socket() ? FlowTable::Sight::every_socket
                                                  : FlowTable::Sight::held_sockets;
    for (const std::uint64_t flow_id : flows_.forget_ended(sight, asked)) {
        destinations_.forget(flow_id);
        answers_.on_close(flow_id);
    }
}

// What a connection says after its first kilobytes, some of it in each window.
void Agent::read_on() {
    static_assert(2 * FLOW_READ_AGAIN_MAXIMUM * FLOW_CAPTURE_BYTES <= EVENT_RING_BYTES / 2);
    const auto flow_ids = flows_.take_to_read_again(FLOW_READ_AGAIN_MAXIMUM);
    if (flow_ids.empty()) return;
    const auto given_up = sources_->get<FlowSource>().read_again(flow_ids);
    if (!given_up) {
        log::warn("connections are not read on: {}", given_up.error().message);
        flows_.ask_again_for(flow_ids);
        return;
    }
    flows_.ask_again_for(*given_up);
}

void Agent::tick() {
    drain();
    if (fp_modes_) fp_modes_->rescue_if_stuck();
    if (ticks_ % ticks_per_hot_scan == 0)
        scan_hot_threads();
    else if (!workers_.churning().empty())
        watch_threads(); // forks of the last quarter of a second
    ++ticks_;
    const BootTime now = boot_now();
    syscalls_.tick(sources_->get<SyscallSource>(), now);
    if (now >= next_window_ || ends_early(now)) end_window();
    if (reporter_.waiting() > 0) reporter_.retry();
    reporter_.save_if_changed(engine_);
}

void Agent::stop() {
    syscalls_.stop(sources_->get<SyscallSource>(), boot_now());
    drain();
    reporter_.save(engine_);
}

void Agent::replace_rules(std::shared_ptr<const rules::RuleSet> rules) {
    engine_.replace_rules(std::move(rules));
    reporter_.report_rules(engine_.rules());
}

void Agent::on_event(ByteView bytes) {
    abi::event_header header;
    if (bytes.size() < sizeof(header)) {
        ++malformed_events_;
        return;
    }
    std::memcpy(&header, bytes.data(), sizeof(header));
    bool good = false;
    switch (header.type) {
    case abi::EVENT_PROCESS_EXEC: {
        abi::process_exec_event event;
        if (good = read_event(bytes, event); good) on_exec(event);
        break;
    }
    case abi::EVENT_PROCESS_FORK: {
        abi::process_fork_event event;
        if (good = read_event(bytes, event); good) on_fork(event);
        break;
    }
    case abi::EVENT_PROCESS_EXIT:
    case abi::EVENT_THREAD_EXIT: {
        abi::process_exit_event event;
        if (good = read_event(bytes, event); good) on_exit(event);
        break;
    }
    case abi::EVENT_FLOW_OPEN:
    case abi::EVENT_FLOW_CLOSE: {
        abi::flow_event event;
        if (good = read_event(bytes, event); !good) break;
        if (header.type == abi::EVENT_FLOW_OPEN) {
            observe(flows_.on_open(event));
            observe(destinations_.on_open(event));
        } else {
            observe(flows_.on_close(event));
            destinations_.on_close(event);
            answers_.on_close(event.flow_id);
        }
        break;
    }
    case abi::EVENT_LISTEN_BEGIN:
    case abi::EVENT_LISTEN_END: {
        abi::flow_event event;
        if (good = read_event(bytes, event); good) flows_.on_listener(event);
        break;
    }
    case abi::EVENT_FLOW_PAYLOAD:
        on_payload(bytes);
        return;
    case abi::EVENT_DNS_ANSWER:
        on_dns_answer(bytes);
        return;
    default:
        break;
    }
    if (!good) ++malformed_events_;
}

void Agent::on_exec(const abi::process_exec_event& event) {
    if (const Process* before = processes_.find(event.subject.pid)) {
        const rules::ImageKey old = before->image;
        for (SubjectObservation& item : windows_.on_exec(old, event)) {
            engine_.observe(item.image, std::move(item.observation));
            engine_.judge_now(item.image);
        }
    }
    const Process& process = processes_.on_exec(event);
    if (engine_.rules().rules_on(rules::ObservationType::process_exec).empty()) return;
    engine_.observe(process.image, observe_exec(process, processes_.find(event.parent.pid), event));
}

void Agent::on_fork(const abi::process_fork_event& event) {
    processes_.on_fork(event);
    lineage_.on_fork(to_image(event.parent), to_image(event.child));
}

void Agent::on_exit(const abi::process_exit_event& event) {
    workers_.on_exit(event, windows_.counted_ns(event.thread_id, event.thread_start_boottime_ns));
    if (event.header.type == abi::EVENT_PROCESS_EXIT) processes_.on_exit(event);
}

void Agent::on_payload(ByteView bytes) {
    abi::flow_payload_event event;
    if (const auto data = read_head(bytes, event))
        observe(flows_.on_payload(event, *data));
    else
        ++malformed_events_;
}

void Agent::on_dns_answer(ByteView bytes) {
    abi::dns_answer_event event;
    if (const auto data = read_head(bytes, event))
        answers_.on_event(event, *data);
    else
        ++malformed_events_;
}

void Agent::observe(std::vector<FlowObservation> observations) {
    for (FlowObservation& item : observations) {
        rules::ImageKey image = to_image(item.owner);
        // The same process may have become another program since it connected.
        const Process* process = processes_.find(image.pid);
        const bool runs =
            process != nullptr && process->image.start_boottime_ns == image.start_boottime_ns;
        if (runs) image = process->image;
        if (departed_.contains(image)) continue;
        // Who ended is not accused of what others do with its connection.
        if (!runs && !founders_.contains(image) && !is_running(processes_, item.owner)) {
            if (!rules::spec_of(item.observation.type).per_window()) ++without_process_;
            continue;
        }
        engine_.observe(image, std::move(item.observation));
    }
}

void Agent::report_changes() {
    for (const rules::VerdictChange& change : engine_.take_changes()) {
        const auto* image = std::get_if<rules::ImageKey>(&change.subject);
        if (image == nullptr) {
            reporter_.report(change, nullptr);
            continue;
        }
        const Process* known = processes_.find(image->pid);
        const bool runs = known != nullptr && known->image == *image;
        syscalls_.on_verdict(change, runs);
        Process process;
        process.image = *image;
        const auto founder = founders_.find(*image);
        if (runs)
            process = *known;
        else if (founder != founders_.end())
            process = founder->second.process;
        reporter_.report(change, &process);
    }
}

/// The finding is closed and forgotten; what comes after would open it again, as version 1.
void Agent::remember_departed(const rules::ImageKey& image) {
    if (!departed_.insert(image).second) return;
    departed_order_.push_front(image);
    if (departed_order_.size() <= maximum_departed) return;
    departed_.erase(departed_order_.back());
    departed_order_.pop_back();
}

void Agent::on_departure(const Process& process, Departure departure) {
    // What it did before it ended counts too, however short it lived.
    engine_.judge_news();
    report_changes();
    const std::vector<rules::ImageKey> ended = lineage_.on_departure(process.image);
    if (ended.empty()) founders_.insert_or_assign(process.image, Founder{process, departure});
    for (const rules::ImageKey& image : ended) {
        const auto founder = founders_.find(image);
        forget(image,
               close_reason(founder == founders_.end() ? departure : founder->second.departure));
        founders_.erase(image);
    }
}

void Agent::forget(const rules::ImageKey& image, CloseReason reason) {
    engine_.forget(image);
    workers_.forget(image);
    syscalls_.forget(image);
    if (!reporter_.book().knows(image)) return;
    remember_departed(image);
    reporter_.report_gone(image, reason);
}

// A thread that begins to change its rounding mode is judged at once and not only when the window
// would end; once per program, and not soon again.
bool Agent::ends_early(BootTime now) {
    if (windows_since_early_ < windows_between_early_ones) return false;
    constexpr std::uint64_t shortest = 3; // a window this many tenths long says enough
    const auto span = static_cast<std::uint64_t>(options_.window.count());
    const std::uint64_t elapsed = now.ns - (next_window_.ns - span);
    return fp_modes_ && elapsed >= span / 10 * shortest && !fp_modes_->take_striking().empty();
}

void Agent::start_sampling() {
    auto& source = sources_->get<FpModeSource>();
    if (source.is_attached()) fp_modes_ = std::make_unique<FpModeSampler>(source);
}

void Agent::scan_hot_threads() {
    auto& tasks = sources_->get<TaskSource>();
    if (!tasks.has_runtimes() || !fp_modes_) return;
    const BootTime now = boot_now();
    const auto cpus = static_cast<std::uint64_t>(::sysconf(_SC_NPROCESSORS_ONLN));
    const auto& churning = workers_.update_churning(now);
    if (host_load_.was_idle(now, read_idle_time(), cpus) && watched_threads_.empty() &&
        churning.empty()) {
        hot_threads_.pass(now);
        return;
    }
    const auto runtimes = tasks.pull_runtimes();
    if (!runtimes) {
        log::warn("{}", runtimes.error().message);
        return;
    }
    watched_threads_ = hot_threads_.update(*runtimes, now);
    watch_threads();
}

void Agent::watch_threads() {
    fp_modes_->watch(watched_threads_, churning_processes());
}

// Programs that replace their workers, and their forks.
std::vector<ThreadKey> Agent::churning_processes() const {
    std::vector<ThreadKey> processes;
    const auto add = [&](const rules::ImageKey& image) {
        if (processes.size() < FP_WATCHED_PROCESSES && !founders_.contains(image))
            processes.push_back({image.pid, image.start_boottime_ns});
    };
    for (const rules::ImageKey& owner : workers_.churning()) {
        add(owner);
        for (const rules::ImageKey& fork : lineage_.forks_of(owner)) add(fork);
    }
    return processes;
}

void Agent::end_window() {
    const BootTime now = boot_now();
    const auto span = static_cast<std::uint64_t>(options_.window.count());
    windows_since_early_ = now >= next_window_ ? windows_since_early_ + 1 : 0;
    const bool on_time = now >= next_window_ && now.ns - next_window_.ns < span;
    next_window_ = {(on_time ? next_window_.ns : now.ns) + span};
    if (auto& tasks = sources_->get<TaskSource>(); tasks.is_attached()) {
        if (auto pulled = tasks.pull(table_); pulled) {
            const std::size_t missed = processes_.reconcile(table_.processes);
            if (windows_judged_ > 0) missed_processes_ += missed;
            const FpModeCounts modes = fp_modes_ ? fp_modes_->take_window() : FpModeCounts();
            for (SubjectObservation& item : windows_.close_window(table_, modes, now))
                engine_.observe(item.image, std::move(item.observation));
            for (SubjectObservation& item :
                 workers_.close_window(windows_.thread_growth(), modes, now))
                engine_.observe(item.image, std::move(item.observation));
        } else {
            log::warn("this window is not judged: {}", pulled.error().message);
        }
    }
    observe_syscalls_of_window(now);
    observe_traffic(now);
    read_on();
    observe(flows_.sessions(now));
    observe(destinations_.open_connections(
        now, [this](std::uint64_t flow_id) { return flows_.owner_of(flow_id); }));
    engine_.end_window();
    report_changes();
    ++windows_judged_;
    report_gaps();
    reporter_.save(engine_);
}

void Agent::observe_syscalls_of_window(BootTime now) {
    for (const SyscallCounts& counts : syscalls_.take()) {
        const Process* process = processes_.find(counts.image.pid);
        if (process == nullptr || process->image != counts.image) continue;
        engine_.observe(counts.image,
                        observe_syscalls(counts, windows_.cpu_permille(counts.image), now));
    }
}

} // namespace minewarden::agent
