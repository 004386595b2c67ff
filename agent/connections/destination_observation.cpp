// SPDX-License-Identifier: Apache-2.0
#include "agent/connections/destination_observation.h"

namespace minewarden::agent {

rules::Observation observe_destination(const Flow& flow, const KnownDestination& destination,
                                       BootTime time) {
    namespace field = rules::flow_destination;
    const rules::Indicator& indicator = destination.indicator;
    rules::Observation observation(rules::ObservationType::flow_destination);
    observation.time = time;
    observation.entity = static_cast<std::int64_t>(flow.id);
    observation.set(field::remote_address, flow.remote_address);
    observation.set(field::remote_port, std::int64_t{flow.remote_port});
    observation.set(field::level, std::string(to_string(destination.level)));
    observation.set(field::kind, std::string(rules::to_string(indicator.kind)));
    observation.set(field::name, indicator.suffix);
    observation.set(field::list, indicator.list);
    if (!indicator.coin.empty()) observation.set(field::coin, indicator.coin);
    observation.set(field::ambiguous, destination.ambiguous);
    return observation;
}

} // namespace minewarden::agent
