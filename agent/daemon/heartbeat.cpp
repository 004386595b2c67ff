// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/heartbeat.h"

#include "agent/daemon/own_cost.h"
#include "common/clock.h"

namespace minewarden::agent {
namespace {

void add_drop(wire::Heartbeat& heartbeat, std::string_view place, std::uint64_t count) {
    if (count == 0) return;
    wire::Drop& drop = *heartbeat.add_drops();
    drop.set_place(std::string(place));
    drop.set_count(count);
}

} // namespace

void add_capability(wire::Heartbeat& heartbeat, const Capability& capability) {
    wire::Capability& reported = *heartbeat.add_capabilities();
    reported.set_name(std::string(capability.name));
    reported.set_working(capability.coverage != Coverage::none);
    reported.set_problem(describe_problem(capability));
    reported.set_source(capability.source);
}

wire::Heartbeat make_heartbeat(const AgentState& state) {
    wire::Heartbeat heartbeat;
    heartbeat.set_time_ns(wall_now().ns);
    heartbeat.set_uptime_ns(state.uptime_ns);
    heartbeat.set_rule_set(std::string(as_text(state.rule_set.view())));
    heartbeat.set_windows(state.windows);
    heartbeat.set_open_findings(static_cast<std::uint32_t>(state.open_findings));
    for (const Capability& capability : state.capabilities) add_capability(heartbeat, capability);
    for (const ErrorCount& error : state.kernel_errors)
        add_drop(heartbeat, error.place, error.count);
    for (const PlaceSpec& spec : place_specs)
        add_drop(heartbeat, spec.name, state.counts[spec.place]);
    const OwnCost cost = read_own_cost();
    heartbeat.set_own_cpu_ns(cost.cpu_ns);
    heartbeat.set_own_resident_bytes(cost.resident_bytes);
    return heartbeat;
}

} // namespace minewarden::agent
