// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/endpoints.h"
#include "collector/api/http_server.h"
#include "collector/follower.h"
#include "collector/intake/intake.h"
#include "collector/recompute/recomputer.h"
#include "collector/recompute/stored_rules.h"
#include "collector/retention/retainer.h"

#include <memory>

namespace minewarden::collector {

struct ServiceOptions {
    std::vector<std::string> listen; ///< tcp:// and ipc:// endpoints for agents
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

/// The whole collector: store, gate, intake and API. Used by minewarden-collector and by
/// minewarden-agent --standalone.
class Service {
  public:
    /// The service runs when it returns: allow-list, self-test and sockets were checked.
    static Result<std::unique_ptr<Service>> start(ServiceOptions options);
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    /// The bound endpoints for agents.
    [[nodiscard]] const std::vector<std::string>& endpoints() const { return intake_->endpoints(); }
    [[nodiscard]] Store& store() { return *store_; }
    [[nodiscard]] const RuleSource& rules() const { return *rules_; }
    [[nodiscard]] const AllowList& allow_list() const { return *allow_list_; }
    [[nodiscard]] const Counters& counters() const { return counters_; }

    /// Stops within two seconds; afterwards only call counters(). Agents keep unacknowledged
    /// records.
    void stop();

    /// Reloads the enrolments at once. Keeps the list on an error.
    Result<void> reload_enrolments() { return allow_list_->reload(); }
    /// False if the intake has done no round for ten seconds: it hangs.
    [[nodiscard]] bool is_alive() const;

  private:
    Service() = default;
    Result<void> start_all(ServiceOptions options);
    Result<void> start_api(const ServiceOptions& options);
    /// Findings up to `last` are committed. Called by the committing thread and by poll().
    void tell_committed(Cursor last);
    /// Looks for commits of other collectors until it is stopped.
    void poll(const std::stop_token& stop);

    // Each member may use those above.
    Counters counters_;
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
    std::unique_ptr<Intake> intake_;
    std::unique_ptr<HttpServer> api_;
    std::jthread poller_; ///< only with a shared database
};

} // namespace minewarden::collector
