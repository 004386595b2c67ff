// SPDX-License-Identifier: Apache-2.0
#include "collector/store_part.h"

#include "collector/retention/policy.h"
#include "collector/service.h"
#include "collector/store/postgres/postgres_store.h"
#include "collector/supervise/child.h"
#include "collector/supervise/shared_state.h"
#include "common/file.h"
#include "common/log.h"
#include "common/process/lockdown.h"

#include <csignal>
#include <ctime>

namespace minewarden::collector {
namespace {

/// Between looks at signals; a new channel is noticed at once.
constexpr std::chrono::milliseconds round{200};

Result<ServiceOptions> service_options(const Settings& settings) {
    TRY_ASSIGN(auto keys, read_key_pair(settings.path(Setting::collector_key)));
    std::string database = settings.text(Setting::collector_database);
    if (database.empty()) {
        const std::filesystem::path state = settings.path(Setting::state_dir);
        TRY(make_directory(state, 0700));
        database = state / "collector.sqlite";
    }
    return ServiceOptions{.listen = {},
                          .has_intake_processes = true,
                          .counters = nullptr,
                          .keys = keys,
                          .enrolled = settings.path(Setting::collector_enrolled),
                          .database = std::move(database),
                          .api_socket = settings.path(Setting::api_socket),
                          .on_committed = nullptr,
                          .recompute = {.sample = {.per_mille = settings.number(
                                                       Setting::collector_recompute_sample)}},
                          .retention = {.policy = retention_policy(settings)},
                          .quotas = {}};
}

sigset_t handled_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
    return signals;
}

void reload(Service& service) {
    if (const auto reloaded = service.reload_enrolments())
        log::info("enrolled agents: {}", service.allow_list().size());
    else
        log::write_lines(log::Level::error, reloaded.error().message);
}

} // namespace

Result<void> run_store_part(const Settings& settings, const std::vector<std::string>& bound) {
    TRY_ASSIGN(const auto memory, SharedMemory::map(Fd(child_fd::memory)));
    // Before any thread starts, so that only this one receives them.
    const sigset_t signals = handled_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    TRY(refuse_dangerous_calls());
    TRY_ASSIGN(auto options, service_options(settings));
    options.listen = bound;
    options.counters = &memory.state().counters;
    const std::string database = shown_database(options.database);
    const std::string api = options.api_socket.string();
    TRY_ASSIGN(auto service, Service::start(std::move(options)));
    log::info("database {}, API {}, {} enrolled agents", database, api,
              service->allow_list().size());
    report_ready();
    constexpr timespec no_time{};
    for (;;) {
        memory.state().store_round_ns = std::chrono::steady_clock::now().time_since_epoch().count();
        if (auto channel = receive_channel(round)) service->attach_intake(std::move(*channel));
        const int number = ::sigtimedwait(&signals, nullptr, &no_time);
        if (number == SIGTERM || number == SIGINT) return {};
        if (number == SIGHUP) reload(*service);
    }
}

} // namespace minewarden::collector
