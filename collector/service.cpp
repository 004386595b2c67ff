// SPDX-License-Identifier: Apache-2.0
#include "collector/service.h"

#include "collector/store/postgres/postgres_store.h"
#include "collector/store/sqlite/sqlite_store.h"
#include "common/log.h"

#include <condition_variable>

namespace minewarden::collector {
namespace {

constexpr std::chrono::milliseconds poll_interval{500};
/// Time for the current commit when the service stops.
constexpr std::chrono::milliseconds farewell{1000};
constexpr std::chrono::milliseconds enrolments_interval{500};

} // namespace

Result<std::unique_ptr<Store>> open_store(const std::string& database) {
    return is_postgres_uri(database) ? open_postgres_store(database) : open_sqlite_store(database);
}

Result<std::unique_ptr<Service>> Service::start(ServiceOptions options) {
    std::unique_ptr<Service> service(new Service());
    TRY(service->start_all(std::move(options)));
    return service;
}

Service::~Service() {
    stop();
}

void Service::stop() {
    if (store_) store_->finish_within(farewell);
    poller_ = {};
    enrolments_ = {};
    waiting_ = nullptr;
    {
        const std::lock_guard guard(attaching_);
        server_.reset();
    }
    intake_.reset();
    sink_.reset(); // from here on nothing is committed
    follower_.reset();
    recomputer_.reset();
    retainer_.reset();
    api_.reset();
    gate_.reset();
}

Result<void> Service::start_all(ServiceOptions options) {
    if (options.counters != nullptr) counters_ = options.counters;
    TRY_ASSIGN(store_, open_store(options.database));
    rules_ = std::make_unique<StoredRules>(*store_);
    if (options.on_committed) {
        TRY_ASSIGN(const auto last, store_->last_finding());
        follower_ =
            std::make_unique<Follower>(*store_, last,
                                       [this, on_committed = std::move(options.on_committed)](
                                           const auto& findings, const auto& stop) {
                                           return on_committed(findings, *rules_, stop);
                                       });
    }
    if (options.recompute.sample.per_mille > 0)
        recomputer_ = std::make_unique<Recomputer>(*store_, recompute_counters_, options.recompute);
    retainer_ = std::make_unique<Retainer>(*store_, options.retention);

    TRY_ASSIGN(auto allow_list, AllowList::open(options.enrolled));
    allow_list_ = std::move(allow_list);
    if (options.has_intake_processes) {
        endpoints_ = options.listen;
    } else {
        TRY(start_intake(options));
    }
    TRY(start_api(options));
    if (store_->is_shared())
        poller_ = std::jthread([this](const std::stop_token& stop) { poll(stop); });
    enrolments_ = std::jthread([this](const std::stop_token& stop) { follow_enrolments(stop); });
    return {};
}

Result<void> Service::start_intake(const ServiceOptions& options) {
    TRY_ASSIGN(gate_, Gate::open(context_, *allow_list_, *counters_));
    sink_ = std::make_unique<Committer>(*store_, *counters_, [this](const Outcome& outcome) {
        tell_committed(outcome.last_finding);
    });
    const IntakeOptions intake{.endpoints = options.listen,
                               .keys = options.keys,
                               .quotas = options.quotas,
                               .is_shared = store_->is_shared()};
    TRY_ASSIGN(intake_, Intake::start(intake, context_, *gate_, *allow_list_, *sink_, *counters_));
    endpoints_ = intake_->endpoints();
    return {};
}

void Service::attach_intake(Fd channel) {
    const std::lock_guard guard(attaching_);
    server_.reset();
    server_ = std::make_unique<StoreServer>(
        std::move(channel), *store_, *allow_list_, *counters_,
        [this](const Outcome& outcome) { tell_committed(outcome.last_finding); });
}

Result<void> Service::start_api(const ServiceOptions& options) {
    if (options.api_socket.empty()) return {};
    api_sources_ = std::make_unique<ApiSources>(ApiSources{
        *store_, *rules_, *allow_list_, *counters_, endpoints_, options.keys.public_key(),
        wall_now(), recompute_counters_, options.retention.policy, http_counters_});
    Router router;
    add_finding_endpoints(router, *api_sources_);
    add_fleet_endpoints(router, *api_sources_);
    add_health_endpoints(router, *api_sources_);
    TRY_ASSIGN(auto api, HttpServer::start({.socket = options.api_socket}, std::move(router),
                                           http_counters_));
    api_ = std::move(api);
    waiting_ = api_.get();
    return {};
}

void Service::tell_committed(Cursor last) {
    if (recomputer_) recomputer_->note_commit(last);
    if (HttpServer* waiting = waiting_) waiting->notify();
    if (follower_) follower_->notify();
}

void Service::poll(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any sleep;
    std::unique_lock lock(mutex);
    Cursor known;
    while (!sleep.wait_for(lock, stop, poll_interval, [&] { return stop.stop_requested(); })) {
        const auto last = store_->last_finding();
        if (!last || *last == known) continue;
        known = *last;
        tell_committed(known);
    }
}

void Service::follow_enrolments(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any sleep;
    std::unique_lock lock(mutex);
    while (
        !sleep.wait_for(lock, stop, enrolments_interval, [&] { return stop.stop_requested(); })) {
        allow_list_->reload_if_changed();
        const std::lock_guard guard(attaching_);
        if (server_) server_->send_allow_list();
    }
}

} // namespace minewarden::collector
