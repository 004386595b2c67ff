// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/flow_traffic.h"

namespace minewarden::agent {

rules::Observation FlowTraffic::take(const Flow& flow, BootTime now, bool closed) {
    namespace field = rules::flow_window;
    rules::Observation observation(rules::ObservationType::flow_window);
    observation.time = now;
    observation.entity = static_cast<std::int64_t>(flow.id);
    observation.set(field::remote_address, flow.remote_address);
    observation.set(field::remote_port, std::int64_t{flow.remote_port});
    observation.set(field::accepted, flow.accepted);
    // Totals may be read in another order than they grow: never less than nothing.
    const auto growth = [](std::uint64_t total, std::uint64_t reported) {
        return static_cast<std::int64_t>(total > reported ? total - reported : 0);
    };
    observation.set(field::sent_bytes, growth(totals_.bytes_sent, reported_.bytes_sent));
    observation.set(field::received_bytes,
                    growth(totals_.bytes_received, reported_.bytes_received));
    observation.set(field::sent_segments, growth(totals_.segments_sent, reported_.segments_sent));
    observation.set(field::received_segments,
                    growth(totals_.segments_received, reported_.segments_received));
    const std::uint64_t age = now.ns > flow.opened.ns ? now.ns - flow.opened.ns : 0;
    observation.set(field::age_s, static_cast<std::int64_t>(age / 1'000'000'000));
    observation.set(field::closed, closed);
    reported_ = totals_;
    return observation;
}

} // namespace minewarden::agent
