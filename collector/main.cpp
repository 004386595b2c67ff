// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/listener.h"
#include "collector/options.h"
#include "collector/retention/policy.h"
#include "collector/service.h"
#include "collector/store/postgres/postgres_store.h"
#include "common/log.h"
#include "common/service_notify.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <csignal>
#include <ctime>

namespace minewarden::collector {
namespace {

sigset_t handled_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
    return signals;
}

Result<ServiceOptions> service_options(const Settings& settings) {
    TRY_ASSIGN(auto keys, read_key_pair(settings.path(Setting::collector_key)));
    std::string database = settings.text(Setting::collector_database);
    if (database.empty()) {
        const std::filesystem::path state = settings.path(Setting::state_dir);
        TRY(make_directory(state, 0700));
        database = state / "collector.sqlite";
    }
    return ServiceOptions{.listen = {settings.text(Setting::collector_listen)},
                          .keys = keys,
                          .enrolled = settings.path(Setting::collector_enrolled),
                          .database = std::move(database),
                          .api_socket = settings.path(Setting::api_socket),
                          .on_committed = nullptr,
                          .recompute = {.sample = {.per_mille = settings.number(
                                                       Setting::collector_recompute_sample)}},
                          .retention = {.policy = retention_policy(settings)},
                          .quotas = {settings.number(Setting::collector_records_per_minute),
                                     settings.number(Setting::collector_streams_per_hour)}};
}

void reload(Service& service) {
    notify_reloading();
    if (const auto reloaded = service.reload_enrolments())
        log::info("enrolled agents: {}", service.allow_list().size());
    else
        log::write_lines(log::Level::error, reloaded.error().message);
}

std::string describe(const Service& service) {
    // The self-test has checked the refusal.
    return fmt::format(
        "serving {} for {} enrolled agents; an unknown key was refused in the self-test",
        fmt::join(service.endpoints(), " "), service.allow_list().size());
}

/// Until SIGTERM or SIGINT.
void wait_for_the_end(Service& service) {
    const sigset_t signals = handled_signals();
    constexpr timespec tick{1, 0};
    for (;;) {
        const int number = ::sigtimedwait(&signals, nullptr, &tick);
        if (number == SIGTERM || number == SIGINT) return;
        if (number == SIGHUP) {
            reload(service);
            notify_ready(describe(service));
        }
        if (service.is_alive()) notify_watchdog();
    }
}

/// Fails if a setting is invalid.
Result<void> check(const Settings& settings) {
    if (!settings.problems().empty())
        return fail(ErrorKind::config, fmt::format("{}", fmt::join(settings.problems(), "\n")));
    TRY(listening_endpoint(settings.text(Setting::collector_listen)));
    TRY(check_database(settings.text(Setting::collector_database)));
    TRY(read_key_pair(settings.path(Setting::collector_key)));
    TRY_ASSIGN(const auto enrolled, read_enrolments(settings.path(Setting::collector_enrolled)));
    fmt::print("settings, key and {} enrolments are good\n", enrolled.size());
    return {};
}

Result<void> run(const Options& options) {
    TRY_ASSIGN(const auto settings, load_settings(options.sources));
    if (options.dry_run) return check(settings);
    log::set_up("minewarden-collector", settings.text(Setting::log_format),
                settings.text(Setting::log_level));
    for (const std::string& problem : settings.problems()) log::error("left out: {}", problem);
    TRY_ASSIGN(auto prepared, service_options(settings));
    const std::filesystem::path api = prepared.api_socket;
    const std::string database = shown_database(prepared.database);

    // Before any thread starts, so that only wait_for_the_end() receives them.
    const sigset_t signals = handled_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    TRY_ASSIGN(auto service, Service::start(std::move(prepared)));
    log::info("{}; database {}, API {}", describe(*service), database, api.string());
    notify_ready(describe(*service));
    wait_for_the_end(*service);
    notify_stopping();
    service.reset();
    log::info("stopped");
    return {};
}

} // namespace
} // namespace minewarden::collector

int main(int argc, char** argv) {
    using namespace minewarden;
    const auto parsed = collector::parse_options(argc, argv);
    if (!parsed) {
        fmt::print(stderr, "minewarden-collector: {}\n", parsed.error().message);
        return exit_code(parsed.error().kind);
    }
    if (const auto* information = std::get_if<collector::Information>(&*parsed)) {
        fmt::print("{}", information->text);
        return 0;
    }
    try {
        const auto ended = collector::run(std::get<collector::Options>(*parsed));
        if (ended) return 0;
        fmt::print(stderr, "minewarden-collector: {}\n", ended.error().message);
        return exit_code(ended.error().kind);
    } catch (const std::exception& error) {
        fmt::print(stderr, "minewarden-collector: {}\n", error.what());
        return exit_code(ErrorKind::internal);
    }
}
