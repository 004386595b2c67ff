// SPDX-License-Identifier: Apache-2.0
#include "collector/render/fleet_json.h"

#include <nlohmann/json.hpp>

namespace minewarden::collector {
namespace {

using nlohmann::json;

json render_heartbeat(const wire::Heartbeat& heartbeat, WallTime received_at) {
    json capabilities = json::array();
    for (const wire::Capability& capability : heartbeat.capabilities())
        capabilities.push_back({{"name", capability.name()},
                                {"working", capability.working()},
                                {"problem", capability.problem()},
                                {"source", capability.source()}});
    json drops = json::array();
    for (const wire::Drop& drop : heartbeat.drops())
        drops.push_back({{"place", drop.place()}, {"count", drop.count()}});
    return {{"sent_at", to_rfc3339({heartbeat.time_ns()})},
            {"received_at", to_rfc3339(received_at)},
            {"uptime_ns", heartbeat.uptime_ns()},
            {"rule_set", to_hex(as_bytes(heartbeat.rule_set()))},
            {"windows", heartbeat.windows()},
            {"open_findings", heartbeat.open_findings()},
            {"outbox_records", heartbeat.outbox_records()},
            {"outbox_bytes", heartbeat.outbox_bytes()},
            {"capabilities", std::move(capabilities)},
            {"drops", std::move(drops)},
            {"own_cpu_ns", heartbeat.own_cpu_ns()},
            {"own_resident_bytes", heartbeat.own_resident_bytes()}};
}

} // namespace

json render_agent(const StoredAgent& agent, bool is_enrolled) {
    return {{"name", agent.name},
            {"key", fingerprint(agent.key)},
            {"public_key", to_hex(agent.key)},
            {"enrolled", is_enrolled},
            {"host_name", agent.host_name},
            {"version", agent.version},
            {"first_seen_at", to_rfc3339(agent.first_seen_at)},
            {"last_seen_at", to_rfc3339(agent.last_seen_at)},
            {"heartbeat", agent.heartbeat_at
                              ? render_heartbeat(agent.heartbeat, *agent.heartbeat_at)
                              : json(nullptr)}};
}

json render_gap(const StoredGap& gap) {
    json rendered{{"cursor", gap.cursor.text()},
                  {"agent", {{"name", gap.agent_name}, {"key", fingerprint(gap.agent)}}},
                  {"place", gap.place},
                  {"lost", gap.lost},
                  {"from", to_rfc3339(gap.from)},
                  {"until", to_rfc3339(gap.until)},
                  {"received_at", to_rfc3339(gap.received_at)},
                  {"detail", gap.detail}};
    if (gap.first_sequence) rendered["first_sequence"] = *gap.first_sequence;
    if (gap.last_sequence) rendered["last_sequence"] = *gap.last_sequence;
    return rendered;
}

json render_visibility(const StoredVisibility& record) {
    return {{"kind", "visibility"},
            {"cursor", record.cursor.text()},
            {"agent", {{"name", record.agent_name}, {"key", fingerprint(record.agent)}}},
            {"host_name", record.host_name},
            {"state", record.until ? "closed" : "open"},
            {"reason", to_string(record.reason)},
            {"place", record.place},
            {"since", to_rfc3339(record.since)},
            {"until", record.until ? json(to_rfc3339(*record.until)) : json(nullptr)},
            {"ended_by", record.end ? json(to_string(*record.end)) : json(nullptr)},
            {"detail", record.detail}};
}

json render_count(const MatchCount& count) {
    return {{"matches", count.matches}, {"exact", count.is_exact}};
}

json render_classes(const StoreStatus& status, const RetentionPolicy& policy) {
    json classes = json::object();
    for (std::size_t i = 0; i < data_classes; ++i) {
        const auto data = static_cast<DataClass>(i);
        const ClassStatus& kept = status.of(data);
        const ClassLimit& limit = policy.of(data);
        classes[std::string(to_string(data))] = {
            {"rows", kept.rows},
            {"bytes", kept.bytes},
            {"oldest", kept.oldest ? json(to_rfc3339(*kept.oldest)) : json(nullptr)},
            {"deleted_rows", kept.deleted_rows},
            {"deleted_bytes", kept.deleted_bytes},
            {"limit_age_s", std::chrono::duration_cast<std::chrono::seconds>(limit.age).count()},
            {"limit_bytes", limit.bytes}};
    }
    return classes;
}

json render_rule_set(const wire::RuleSet& rules) {
    json files = json::array();
    for (const wire::RuleFile& file : rules.files())
        files.push_back({{"name", file.name()}, {"content", file.content()}});
    return {{"digest", to_hex(as_bytes(rules.digest()))}, {"files", std::move(files)}};
}

} // namespace minewarden::collector
