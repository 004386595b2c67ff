// SPDX-License-Identifier: Apache-2.0
#include "collector/supervise/supervisor.h"

#include "collector/channel/frames.h"
#include "common/log.h"
#include "common/service_notify.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <unistd.h>

namespace minewarden::collector {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// The pause before a start that follows a failed one.
constexpr std::chrono::milliseconds first_pause = 100ms;
constexpr std::chrono::milliseconds longest_pause = 5000ms;
/// A child that has done no round for so long hangs.
constexpr auto longest_round = 10s;
/// For both children to end after SIGTERM.
constexpr auto farewell = 3s;

sigset_t handled_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&signals, number);
    return signals;
}

std::string describe_end(int status) {
    if (WIFSIGNALED(status))
        return fmt::format("was ended by signal {} ({})", WTERMSIG(status),
                           ::strsignal(WTERMSIG(status)));
    return fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

} // namespace

Supervisor::Supervisor(SupervisorOptions options, std::vector<ListeningSocket> listeners,
                       SharedMemory memory)
    : options_(std::move(options)), listeners_(std::move(listeners)), memory_(std::move(memory)) {
    for (const ListeningSocket& listener : listeners_) {
        options_.arguments.emplace_back("--bound");
        options_.arguments.push_back(listener.endpoint);
    }
}

Result<Supervisor> Supervisor::create(SupervisorOptions options) {
    TRY_ASSIGN(auto listeners, listen_on(options.listen));
    TRY_ASSIGN(auto memory, SharedMemory::create());
    return Supervisor(std::move(options), std::move(listeners), std::move(memory));
}

int Supervisor::run() {
    const sigset_t signals = handled_signals();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    const Fd signal_fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    for (;;) {
        start_what_is_due();
        std::array<pollfd, 3> items{{{signal_fd.get(), POLLIN, 0},
                                     {store_.child ? store_.child->control() : -1, POLLIN, 0},
                                     {intake_.child ? intake_.child->control() : -1, POLLIN, 0}}};
        // A child that is ready says nothing more; its end comes as a signal.
        if (store_.child && store_.child->is_ready()) items[1].fd = -1;
        if (intake_.child && intake_.child->is_ready()) items[2].fd = -1;
        (void)::poll(items.data(), items.size(),
                     static_cast<int>(std::chrono::milliseconds(first_pause).count()));
        if (items[1].revents != 0) handle_ready(store_);
        if (items[2].revents != 0) handle_ready(intake_);
        signalfd_siginfo info{};
        while (::read(signal_fd.get(), &info, sizeof info) == sizeof info) {
            if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) {
                notify_stopping();
                stop_all();
                return 0;
            }
            if (info.ssi_signo == SIGHUP && store_.child) ::kill(store_.child->pid(), SIGHUP);
        }
        if (const auto code = reap()) {
            stop_all();
            return *code;
        }
        kill_what_hangs();
        announce();
    }
}

void Supervisor::start_what_is_due() {
    const auto now = Clock::now();
    if (!store_.child && now >= store_.next_start) {
        if (const auto started = start(store_); !started) return;
    }
    const bool has_store = store_.child && store_.child->is_ready();
    if (has_store && !intake_.child && now >= intake_.next_start) (void)start(intake_);
}

Result<void> Supervisor::start(Seat& seat) {
    const auto started = seat.part == Part::store ? start_store() : start_intake();
    if (!started) {
        log::error("cannot start the {} process: {}", to_string(seat.part),
                   started.error().message);
        seat.next_start = Clock::now() + longest_pause;
    }
    return started;
}

Result<void> Supervisor::start_store() {
    TRY_ASSIGN(auto control, make_channel());
    memory_.state().store_round_ns = 0;
    TRY_ASSIGN(store_.child,
               Child::start(Part::store, options_.arguments, {control.second.get(), memory_.fd()},
                            std::move(control.first)));
    return {};
}

Result<void> Supervisor::start_intake() {
    TRY_ASSIGN(auto control, make_channel());
    TRY_ASSIGN(const auto channel, make_channel());
    TRY(pass_channel(store_.child->control(), channel.first));
    std::vector<int> fds{control.second.get(), memory_.fd(), channel.second.get()};
    for (const ListeningSocket& listener : listeners_) fds.push_back(listener.socket.get());
    TRY_ASSIGN(intake_.child,
               Child::start(Part::intake, options_.arguments, fds, std::move(control.first)));
    return {};
}

void Supervisor::handle_ready(Seat& seat) {
    if (!seat.child->take_ready()) return;
    seat.was_ready = true;
    seat.pause = {};
}

std::optional<int> Supervisor::reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        for (Seat* seat : {&store_, &intake_}) {
            if (!seat->child || seat->child->pid() != pid) continue;
            if (const auto code = handle_end(*seat, status)) return code;
        }
    }
    return std::nullopt;
}

/// The exit code of the collector, if it must end.
std::optional<int> Supervisor::handle_end(Seat& seat, int status) {
    const bool was_ready = seat.child->is_ready();
    seat.child.reset();
    if (!seat.was_ready) {
        // It has said why. Settings do not become better by another try.
        if (WIFEXITED(status)) return WEXITSTATUS(status);
        log::error("the {} process {} before it was ready", to_string(seat.part),
                   describe_end(status));
        return exit_code(ErrorKind::internal);
    }
    seat.pause = was_ready ? std::chrono::milliseconds(0)
                           : std::clamp(seat.pause * 2, first_pause, longest_pause);
    seat.next_start = Clock::now() + seat.pause;
    SharedState& state = memory_.state();
    if (seat.part == Part::intake) {
        if (WIFSIGNALED(status)) state.intake_died_ns = Clock::now().time_since_epoch().count();
        ++state.counters.intake_restarts;
    } else {
        ++state.counters.store_restarts;
    }
    log::error("the {} process {}; it starts again, and agents send again what was not "
               "acknowledged",
               to_string(seat.part), describe_end(status));
    return std::nullopt;
}

void Supervisor::kill_what_hangs() {
    const auto now = Clock::now();
    // If this process did not run either, they had no chance to.
    if (now - std::exchange(last_look_, now) > 1s) awake_since_ = now;
    const auto check = [&](Seat& seat, std::int64_t round_ns) {
        // A start may take longer: opening a large database, for example.
        if (!seat.child || !seat.child->is_ready()) return;
        const auto last =
            std::max({seat.child->started().time_since_epoch(), awake_since_.time_since_epoch(),
                      Clock::duration(std::chrono::nanoseconds(round_ns))});
        if (now.time_since_epoch() - last < longest_round) return;
        log::error("the {} process has done nothing for {} s; it is killed", to_string(seat.part),
                   longest_round.count());
        ::kill(seat.child->pid(), SIGKILL);
    };
    check(store_, memory_.state().store_round_ns);
    check(intake_, memory_.state().counters.last_round_ns);
}

/// Tells the service manager, once both processes are ready and while they are.
void Supervisor::announce() {
    const bool is_ready =
        store_.child && store_.child->is_ready() && intake_.child && intake_.child->is_ready();
    if (is_ready && !std::exchange(is_announced_, true)) {
        std::vector<std::string> endpoints;
        endpoints.reserve(listeners_.size());
        for (const ListeningSocket& listener : listeners_) endpoints.push_back(listener.endpoint);
        notify_ready(fmt::format("serving {}", fmt::join(endpoints, " ")));
    }
    // The supervisor sees to processes that hang; the service manager sees to the supervisor.
    notify_watchdog();
}

void Supervisor::stop_all() {
    for (const Seat* seat : {&intake_, &store_})
        if (seat->child) ::kill(seat->child->pid(), SIGTERM);
    const auto deadline = Clock::now() + farewell;
    for (Seat* seat : {&intake_, &store_}) {
        if (!seat->child) continue;
        while (::waitpid(seat->child->pid(), nullptr, WNOHANG) == 0) {
            if (Clock::now() > deadline) ::kill(seat->child->pid(), SIGKILL);
            (void)::poll(nullptr, 0, 10);
        }
        seat->child.reset();
    }
    log::info("stopped");
}

} // namespace minewarden::collector
