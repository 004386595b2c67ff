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
constexpr std::chrono::seconds longest_round{10};

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
    waiting_ = nullptr;
    intake_.reset(); // from here on nothing is committed
    follower_.reset();
    recomputer_.reset();
    retainer_.reset();
    api_.reset();
    gate_.reset();
}

Result<void> Service::start_all(ServiceOptions options) {
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
    TRY_ASSIGN(auto gate, Gate::open(context_, *allow_list_, counters_));
    gate_ = std::move(gate);
    TRY_ASSIGN(auto intake, Intake::start({options.listen, options.keys, options.quotas,
                                           [this](const Outcome& outcome) {
                                               tell_committed(outcome.last_finding);
                                           }},
                                          context_, *gate_, *allow_list_, *store_, counters_));
    intake_ = std::move(intake);
    TRY(start_api(options));
    if (store_->is_shared())
        poller_ = std::jthread([this](const std::stop_token& stop) { poll(stop); });
    return {};
}

Result<void> Service::start_api(const ServiceOptions& options) {
    if (options.api_socket.empty()) return {};
    api_sources_ = std::make_unique<ApiSources>(ApiSources{
        *store_, *rules_, *allow_list_, counters_, intake_->endpoints(), options.keys.public_key(),
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

bool Service::is_alive() const {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return now - std::chrono::nanoseconds(counters_.last_round_ns.load()) < longest_round;
}

} // namespace minewarden::collector
