// SPDX-License-Identifier: Apache-2.0
#include "collector/intake_part.h"

#include "collector/channel/remote_store.h"
#include "collector/intake/door/door.h"
#include "collector/intake/gate.h"
#include "collector/intake/intake.h"
#include "collector/store/postgres/postgres_store.h"
#include "collector/supervise/child.h"
#include "collector/supervise/shared_state.h"
#include "common/log.h"
#include "common/process/lockdown.h"

#include <fmt/ranges.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <ctime>
#include <poll.h>

namespace minewarden::collector {
namespace {

/// Enough for 20,000 agents.
constexpr rlim_t most_descriptors = 65536;

/// Returns the limit.
std::size_t raise_descriptor_limit() {
    rlimit limit{};
    (void)::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, most_descriptors));
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
    (void)::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

/// To poll: readable when this process must end.
Fd end_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT}) sigaddset(&signals, number);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN); // the store process reloads
    return Fd(::signalfd(-1, &signals, SFD_CLOEXEC));
}

void blame(Suspects& suspects, std::int64_t died_ns) {
    if (died_ns == 0) return;
    for (const SuspectMemory::Peer& peer : suspects.learn(Suspects::Time(died_ns))) {
        constexpr auto minutes = std::chrono::floor<std::chrono::minutes>(Suspects::remembered);
        if (peer.has_key != 0)
            log::error(
                "the key {} came with three deaths of the intake process; it is kept out for "
                "{} minutes. Revoke it if its host is not yours any more.",
                fingerprint(CurvePublicKey{peer.key}), minutes.count());
        else
            log::error(
                "the address {} came with three deaths of the intake process; for {} minutes "
                "it may connect four times a second only",
                PeerAddress{peer.address}.text(), minutes.count());
    }
}

std::uint16_t port_of(std::string_view endpoint) {
    std::uint16_t port = 0;
    const std::string_view digits = endpoint.substr(endpoint.rfind(':') + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return port;
}

} // namespace

Result<void> run_intake_part(const Settings& settings, const std::vector<std::string>& bound) {
    TRY_ASSIGN(const auto memory, SharedMemory::map(Fd(child_fd::memory)));
    SharedState& shared = memory.state();
    Fd channel(child_fd::channel);
    std::vector<Fd> listeners;
    listeners.reserve(bound.size());
    for (std::size_t i = 0; i < bound.size(); ++i)
        listeners.emplace_back(child_fd::listeners + static_cast<int>(i));
    TRY_ASSIGN(const auto keys, read_key_pair(settings.path(Setting::collector_key)));
    const std::size_t descriptors = raise_descriptor_limit();
    ::tzset(); // reads a file
    const Fd signals = end_signals();
    // Before the first thread and the first byte of a peer.
    TRY(lock_down());

    Suspects suspects(shared.suspects);
    const std::int64_t died_ns = shared.intake_died_ns.exchange(0);
    blame(suspects, died_ns);
    TRY_ASSIGN(const auto allow_list, AllowList::open(std::vector<Enrolment>{}));
    TRY_ASSIGN(const auto store, RemoteStore::open(std::move(channel), *allow_list));
    zmq::context_t context;
    TRY_ASSIGN(const auto door, Door::create(std::move(listeners),
                                             {.connections = Door::connections_within(descriptors)},
                                             suspects, shared.counters));
    TRY_ASSIGN(const auto gate, Gate::open(context, *allow_list, shared.counters, door.get()));
    const IntakeOptions options{
        .endpoints = {"tcp://127.0.0.1:*"},
        .keys = keys,
        .quotas = {settings.number(Setting::collector_records_per_minute),
                   settings.number(Setting::collector_streams_per_hour)},
        .is_restart = died_ns != 0,
        .is_shared = is_postgres_uri(settings.text(Setting::collector_database)),
        .open_to_agents = [&](const auto& inner) { door->open(port_of(inner.front())); },
        .suspects = &suspects};
    TRY_ASSIGN(const auto intake,
               Intake::start(options, context, *gate, *allow_list, *store, shared.counters));
    log::info("serving {}; an unknown key was refused in the self-test", fmt::join(bound, " "));
    report_ready();
    std::array<pollfd, 2> items{{{signals.get(), POLLIN, 0}, {store->ended_fd(), POLLIN, 0}}};
    while (::poll(items.data(), items.size(), -1) < 0 && errno == EINTR) {
    }
    return {};
}

} // namespace minewarden::collector
