// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/daemon/daemon.h"

namespace minewarden::agent {

/// Runs the agent with a collector in the same process. Findings take the same path as on a fleet
/// (outbox, CURVE, store), over a Unix socket in state.dir, and are printed to stdout once they are
/// committed.
Result<void> run_standalone(Loaded loaded, decltype(DaemonOptions::reload) reload);

} // namespace minewarden::agent
