// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/uplink/uplink.h"
#include "common/config/settings.h"
#include "common/keys/curve_key.h"
#include "rules/intel/indicators.h"
#include "rules/rule_set/rule_set.h"

#include <functional>

namespace minewarden::agent {

/// The collector that receives the findings, and the keys of this agent.
struct Destination {
    std::vector<std::string> endpoints; ///< as in UplinkOptions
    CurvePublicKey collector_key;
    CurveKeyPair agent_keys;
};

/// What the agent loads at the start and again on SIGHUP.
struct Loaded {
    Settings settings;
    std::shared_ptr<const rules::RuleSet> rules;
    std::shared_ptr<const rules::IndicatorSet> indicators;
    /// Files that were left out because they are wrong, each with file:line:column.
    std::vector<std::string> problems;
};

struct DaemonOptions {
    Loaded loaded;
    Destination destination;
    /// For SIGHUP: loads everything again. If it fails, or if a file is wrong, nothing changes.
    std::function<Result<Loaded>()> reload;
    /// Called after privileges were dropped and before anything is sent. May start threads.
    std::function<Result<void>()> before_sending;
};

/// Runs the agent until SIGTERM or SIGINT. REQUIRES: EventLoop::block_signals() was called, and no
/// other thread runs
Result<void> run_daemon(DaemonOptions options);

} // namespace minewarden::agent
