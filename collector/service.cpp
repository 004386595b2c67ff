// SPDX-License-Identifier: Apache-2.0
#include "collector/service.h"

#include "collector/store/sqlite/sqlite_store.h"
#include "common/log.h"

namespace minewarden::collector {
namespace {

constexpr std::chrono::seconds longest_round{10};

} // namespace

Result<std::unique_ptr<Service>> Service::start(ServiceOptions options) {
    std::unique_ptr<Service> service(new Service());
    TRY(service->start_all(std::move(options)));
    return service;
}

Service::~Service() {
    stop();
}

void Service::stop() {
    waiting_ = nullptr;
    intake_.reset(); // from here on nothing is committed
    follower_.reset();
    recomputer_.reset();
    api_.reset();
    gate_.reset();
}

Result<void> Service::start_all(ServiceOptions options) {
    TRY_ASSIGN(auto store, open_sqlite_store(options.database));
    store_ = std::move(store);
    rules_ = std::make_unique<StoredRules>(*store_);
    TRY_ASSIGN(const auto status, store_->status());
    counters_.last_finding = status.last_finding;
    if (options.on_committed)
        follower_ =
            std::make_unique<Follower>(*store_, status.last_finding,
                                       [this, on_committed = std::move(options.on_committed)](
                                           const auto& findings, const auto& stop) {
                                           return on_committed(findings, *rules_, stop);
                                       });
    if (options.recompute.sample_per_mille > 0)
        recomputer_ = std::make_unique<Recomputer>(*store_, recompute_counters_, options.recompute,
                                                   status.last_finding);

    TRY_ASSIGN(auto allow_list, AllowList::open(options.enrolled));
    allow_list_ = std::move(allow_list);
    TRY_ASSIGN(auto gate, Gate::open(context_, *allow_list_, counters_));
    gate_ = std::move(gate);
    TRY_ASSIGN(auto presence, Presence::recall(*store_));
    TRY_ASSIGN(auto intake,
               Intake::start({options.listen, options.keys,
                              [this](const Outcome& outcome) { tell_committed(outcome); },
                              std::move(presence)},
                             context_, *gate_, *allow_list_, *store_, counters_));
    intake_ = std::move(intake);
    return start_api(options);
}

Result<void> Service::start_api(const ServiceOptions& options) {
    if (options.api_socket.empty()) return {};
    api_sources_ = std::make_unique<ApiSources>(
        ApiSources{*store_, *rules_, *allow_list_, counters_, intake_->endpoints(),
                   options.keys.public_key(), wall_now(), recompute_counters_, http_counters_});
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

void Service::tell_committed(const Outcome& outcome) {
    if (recomputer_) recomputer_->note_commit(outcome.last_finding);
    if (HttpServer* waiting = waiting_) waiting->notify();
    if (follower_) follower_->notify();
}

bool Service::is_alive() const {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return now - std::chrono::nanoseconds(counters_.last_round_ns.load()) < longest_round;
}

} // namespace minewarden::collector
