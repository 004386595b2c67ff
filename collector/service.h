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
    std::string database;             ///< as open_store() takes it
    std::filesystem::path api_socket; ///< empty: no API
    /// As Follower::Callback: gets the finding versions that are committed from the start of the
    /// service on, and the rules to render them by.
    std::function<bool(std::span<const StoredFinding>, const RuleSource&, const std::stop_token&)>
        on_committed;
    RecomputeOptions recompute = {};
    RetentionOptions retention = {};
    QuotaLimits quotas = {};
};

/// Opens the store in a database as the setting collector.database names it: a path of a SQLite
/// file, or a postgresql:// URI.
Result<std::unique_ptr<Store>> open_store(const std::string& database);

/// The whole collector: store, gate, intake and API. Used by minewarden-collector and by
/// minewarden-agent --standalone.
class Service {
  public:
    /// Serves when it returns: what must hold (allow-list, self-test, sockets) was checked.
    static Result<std::unique_ptr<Service>> start(ServiceOptions options);
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    /// Where agents connect, as bound.
    [[nodiscard]] const std::vector<std::string>& endpoints() const { return intake_->endpoints(); }
    [[nodiscard]] Store& store() { return *store_; }
    [[nodiscard]] const RuleSource& rules() const { return *rules_; }
    [[nodiscard]] const AllowList& allow_list() const { return *allow_list_; }
    [[nodiscard]] const Counters& counters() const { return counters_; }

    /// Stops within two seconds; then nothing but counters() may be asked. What was not
    /// acknowledged stays with the agents.
    void stop();

    /// Reads the enrolments again at once. On an error the list stays as it was.
    Result<void> reload_enrolments() { return allow_list_->reload(); }
    /// False once the intake has not gone round for ten seconds: something hangs.
    [[nodiscard]] bool is_alive() const;

  private:
    Service() = default;
    Result<void> start_all(ServiceOptions options);
    Result<void> start_api(const ServiceOptions& options);
    /// Findings up to `last` are committed. By the committing thread, and by that of poll().
    void tell_committed(Cursor last);
    /// Until it is stopped: looks for what other collectors commit.
    void poll(const std::stop_token& stop);

    // In the order in which they need each other.
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
    std::atomic<HttpServer*> waiting_{nullptr}; ///< requests there wait for commits
    std::unique_ptr<Intake> intake_;
    std::unique_ptr<HttpServer> api_;
    std::jthread poller_; ///< only where the database is shared
};

} // namespace minewarden::collector
