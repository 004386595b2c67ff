// SPDX-License-Identifier: Apache-2.0
// What the agent says of itself: what it could not see, and its heartbeat.
#include "agent/daemon/agent.h"
#include "agent/daemon/own_cost.h"

namespace minewarden::agent {

void Agent::report_gaps() {
    const WallTime now = wall_now();
    const auto report = [&](std::string_view place, std::uint64_t count, std::string_view loss) {
        std::uint64_t& reported = reported_errors_[place];
        if (count > reported)
            reporter_.report_gap(place, count - reported, last_gap_report_, now, loss);
        reported = count;
    };
    for (const ErrorCount& error : sources_->errors())
        if (error.effect == abi::ERROR_LOST) report(error.place, error.count, error.loss);
    report("MALFORMED_EVENT", malformed_events_, "events of the kernel were not understood");
    report("PROCESS_EVENT_MISSED", missed_processes_,
           "processes were first seen by the pull and not by their events");
    report("FLOW_FORGOTTEN", connections_.forgotten(),
           "connections were forgotten to bound memory");
    report("FLOW_PAYLOAD_UNREAD", connections_.unread(),
           "payload of connections was not looked at any longer to bound memory");
    report("FLOW_HOLDERS_UNFINISHED", unfinished_holders_,
           "times that the host had more descriptors than a second is enough to go through");
    report("FLOW_COUNTS_UNFINISHED", unfinished_counts_,
           "times that the host had more descriptors than a second is enough to go through");
    report("LISTENER_FORGOTTEN", connections_.listeners().forgotten(),
           "listening sockets were not remembered to bound memory");
    last_gap_report_ = now;
}

wire::Heartbeat Agent::heartbeat() const {
    wire::Heartbeat heartbeat;
    heartbeat.set_time_ns(wall_now().ns);
    heartbeat.set_uptime_ns(boot_now().ns - started_.ns);
    heartbeat.set_rule_set(std::string(as_text(engine_.rules().digest().view())));
    heartbeat.set_windows(windows_judged_);
    heartbeat.set_open_findings(static_cast<std::uint32_t>(reporter_.book().open_count()));
    for (const Capability& capability : sources_->capabilities()) {
        wire::Sensor& sensor = *heartbeat.add_sensors();
        sensor.set_name(std::string(capability.name));
        sensor.set_working(capability.coverage != Coverage::none);
        sensor.set_problem(describe_problem(capability));
        sensor.set_source(capability.source);
    }
    const auto add_drop = [&](std::string_view place, std::uint64_t count) {
        if (count == 0) return;
        wire::Drop& drop = *heartbeat.add_drops();
        drop.set_place(std::string(place));
        drop.set_count(count);
    };
    for (const ErrorCount& error : sources_->errors()) add_drop(error.place, error.count);
    add_drop("MALFORMED_EVENT", malformed_events_);
    add_drop("PROCESS_EVENT_MISSED", missed_processes_);
    add_drop("FLOW_FORGOTTEN", connections_.forgotten());
    add_drop("FLOW_MESSAGE_WITHOUT_OWNER", connections_.unattributed());
    add_drop("FLOW_OWNER_GONE", connections_.owners_gone());
    add_drop("FLOW_END_MISSED", connections_.ends_missed());
    add_drop("FLOW_PAYLOAD_UNREAD", connections_.unread());
    add_drop("FLOW_HOLDERS_UNFINISHED", unfinished_holders_);
    add_drop("FLOW_COUNTS_UNFINISHED", unfinished_counts_);
    add_drop("LISTENER_FORGOTTEN", connections_.listeners().forgotten());
    add_drop("DNS_ENCRYPTED", connections_.encrypted_resolvers());
    add_drop("DNS_MALFORMED", connections_.answers().malformed);
    add_drop("DNS_OWNER_UNKNOWN", connections_.answers().owner_unknown);
    add_drop("DNS_STREAM_INCOMPLETE", connections_.answers().resynchronised);
    add_drop("DNS_NAME_FORGOTTEN", connections_.names_forgotten());
    add_drop("RECORD_GIVEN_UP", reporter_.given_up());
    add_drop("FP_SAMPLE_SKIPPED", fp_modes_ ? fp_modes_->skipped() : 0);
    const OwnCost cost = read_own_cost();
    heartbeat.set_own_cpu_ns(cost.cpu_ns);
    heartbeat.set_own_resident_bytes(cost.resident_bytes);
    return heartbeat;
}

} // namespace minewarden::agent
