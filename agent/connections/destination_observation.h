// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/dns/name_cache.h"
#include "agent/flows/flow.h"

namespace minewarden::agent {

/// The flow.destination observation of a connection to an address that belongs to a listed name.
[[nodiscard]] rules::Observation
observe_destination(const Flow& flow, const KnownDestination& destination, BootTime time);

} // namespace minewarden::agent
