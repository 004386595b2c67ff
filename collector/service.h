// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/endpoints.h"
#include "collector/api/http_server.h"
#include "collector/channel/store_server.h"
#include "collector/commit/committer.h"
#include "collector/follower.h"
#include "collector/intake/intake.h"
#include "collector/recompute/recomputer.h"
#include "collector/recompute/stored_rules.h"
#include "collector/retention/retainer.h"

#include <memory>
#include <mutex>

namespace minewarden::collector {

struct ServiceOptions {
    /// tcp:// and ipc:// endpoints for agents. They are received in this process, or else by intake
    /// processes (attach_intake), which have bound these endpoints.
    std::vector<std::string> listen;
    bool has_intake_processes = false;
    /// Where intake processes count; nullptr: in the service.
    Counters* counters = nullptr;
    CurveKeyPair keys;
    EnrolledSource enrolled;
    std::string database;             ///< see open_store()
    std::filesystem::path api_socket; ///< empty: no API
    /// As Follower::Callback: gets the finding versions committed after the start of the service,
    /// and the rules to render them.
    std::function<bool(std::span<const StoredFinding>, const RuleSource&, const std::stop_token&)>
        on_committed;
    RecomputeOptions recompute = {};
    RetentionOptions retention = {};
    QuotaLimits quotas = {};
};

/// Opens the store named by the setting collector.database: the path of an SQLite file, or a
/// postgresql:// URI.
Result<std::unique_ptr<Store>> open_store(const std::string& database);

/// The store with its followers and the API; and the intake, unless that has a process of its own.
/// Used by minewarden-collector and by minewarden-agent --standalone.
class Service {
  public:
    /// The service runs when it returns: allow-list, self-test and sockets were checked.
    static Result<std::unique_ptr<Service>> start(ServiceOptions options);
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    /// The bound endpoints for agents.
    [[nodiscard]] const std::vector<std::string>& endpoints() const { return endpoints_; }
    [[nodiscard]] Store& store() { return *store_; }
    [[nodiscard]] const RuleSource& rules() const { return *rules_; }
    [[nodiscard]] const AllowList& allow_list() const { return *allow_list_; }
    [[nodiscard]] const Counters& counters() const { return *counters_; }

    /// Serves another intake process; the one before is gone.
    void attach_intake(Fd channel);

    /// Stops within two seconds; afterwards only call counters(). Agents keep unacknowledged
    /// records.
    void stop();

    /// Reloads the enrolments at once. Keeps the list on an error.
    Result<void> reload_enrolments() { return allow_list_->reload(); }

  private:
    Service() = default;
    Result<void> start_all(ServiceOptions options);
    Result<void> start_intake(const ServiceOptions& options);
    Result<void> start_api(const ServiceOptions& options);
    /// Findings up to `last` are committed. Called by the committing thread and by poll().
    void tell_committed(Cursor last);
    /// Looks for commits of other collectors until it is stopped.
    void poll(const std::stop_token& stop);

    /// Looks for changed enrolments until it is stopped.
    void follow_enrolments(const std::stop_token& stop);

    // Each member may use those above.
    Counters own_counters_;
    Counters* counters_ = &own_counters_;
    std::vector<std::string> endpoints_;
    RecomputeCounters recompute_counters_;
    HttpCounters http_counters_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<StoredRules> rules_;
    std::unique_ptr<AllowList> allow_list_;
    std::unique_ptr<Recomputer> recomputer_;
    std::unique_ptr<Retainer> retainer_;
    std::unique_ptr<Follower> follower_;
    std::unique_ptr<ApiSources> api_sources_;
    zmq::context_t context_;
    std::unique_ptr<Gate> gate_;
    std::atomic<HttpServer*> waiting_{nullptr}; ///< its requests may wait for commits
    std::unique_ptr<Committer> sink_;
    std::unique_ptr<Intake> intake_; ///< in this process
    std::mutex attaching_;
    std::unique_ptr<StoreServer> server_; ///< of an intake process; guarded by attaching_
    std::unique_ptr<HttpServer> api_;
    std::jthread poller_; ///< only with a shared database
    std::jthread enrolments_;
};

} // namespace minewarden::collector
