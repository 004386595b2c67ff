// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/flows/flow.h"
#include "rules/observation/observation.h"
#include "rules/recognise/payload.h"

namespace minewarden::agent {

/// The node.handshake observation about the process at this end of the connection.
[[nodiscard]] rules::Observation observe_handshake(const Flow& flow,
                                                   const rules::NodeHandshake& handshake,
                                                   rules::Direction direction, BootTime time);

} // namespace minewarden::agent
