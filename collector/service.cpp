// SPDX-License-Identifier: Apache-2.0
#include "collector/service.h"

#include "collector/store/postgres/postgres_store.h"
#include "collector/store/sqlite/sqlite_store.h"
#include "common/log.h"

#include <condition_variable>

namespace minewarden::collector {
namespace {

constexpr std::size_t told_at_once = 1000;
constexpr std::chrono::milliseconds poll_interval{500};
/// For the commit that is on its way when the service ends.
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
    if (store_) store_->finish_within(farewell);
    poller_ = {};
    // The API first: its thread asks everything else. Then no commit may call it any more.
    followers_ = nullptr;
    intake_.reset();
    recomputer_.reset();
    retainer_.reset();
    api_.reset();
    gate_.reset();
}

Result<void> Service::start_all(ServiceOptions options) {
    TRY_ASSIGN(store_, open_store(options.database));
    rules_ = std::make_unique<StoredRules>(*store_);
    on_committed_ = std::move(options.on_committed);
    if (on_committed_) {
        TRY_ASSIGN(told_, store_->last_finding());
    }
    if (options.recompute.sample.per_mille > 0)
        recomputer_ = std::make_unique<Recomputer>(*store_, recompute_counters_, options.recompute);
    retainer_ = std::make_unique<Retainer>(*store_, options.retention);

    TRY_ASSIGN(auto allow_list, AllowList::open(options.enrolled));
    allow_list_ = std::move(allow_list);
    TRY_ASSIGN(auto gate, Gate::open(context_, *allow_list_, counters_));
    gate_ = std::move(gate);
    TRY_ASSIGN(auto intake, Intake::start({options.listen, options.keys,
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
        wall_now(), recompute_counters_, options.retention.policy});
    Router router;
    add_finding_endpoints(router, *api_sources_);
    add_fleet_endpoints(router, *api_sources_);
    add_health_endpoints(router, *api_sources_);
    TRY_ASSIGN(auto api, HttpServer::start({.socket = options.api_socket}, std::move(router)));
    api_ = std::move(api);
    followers_ = api_.get();
    return {};
}

void Service::tell_committed(Cursor last) {
    if (recomputer_) recomputer_->note_commit(last);
    if (HttpServer* followers = followers_) followers->notify();
    const std::lock_guard guard(telling_);
    while (on_committed_ && told_ < last) {
        const auto committed = store_->whole_findings_after(told_, told_at_once);
        if (!committed) {
            // The next commit tells these too.
            log::warn("cannot read what was committed: {}", committed.error().message);
            return;
        }
        if (committed->empty()) return;
        told_ = committed->back().cursor;
        on_committed_(*committed);
    }
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
