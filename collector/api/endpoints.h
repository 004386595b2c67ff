// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/http_server.h"
#include "collector/counters/counters.h"
#include "collector/enrolment/allow_list.h"
#include "collector/recompute/recomputer.h"
#include "collector/recompute/stored_rules.h"
#include "collector/store/store.h"

namespace minewarden::collector {

/// What the API reads. All of it outlives the router.
struct ApiSources {
    Store& store;
    const RuleSource& rules;
    const AllowList& allow_list;
    const Counters& counters;
    std::vector<std::string> endpoints; ///< where agents connect
    CurvePublicKey key;
    WallTime started_at;
    const RecomputeCounters& recompute;
    RetentionPolicy retention;
    const HttpCounters& http;
};

/// /api/v1/findings, /api/v1/findings/{id}, /api/v1/findings/{id}/record
void add_finding_endpoints(Router& router, const ApiSources& sources);
/// /api/v1/agents, /api/v1/gaps, /api/v1/visibility, /api/v1/visibility/{cursor},
/// /api/v1/rule-sets/{digest}, /api/v1/status
void add_fleet_endpoints(Router& router, const ApiSources& sources);
/// /livez, /readyz, /metrics
void add_health_endpoints(Router& router, const ApiSources& sources);

/// Prometheus text format 0.0.4.
[[nodiscard]] std::string render_metrics(const ApiSources& sources);

} // namespace minewarden::collector
