// SPDX-License-Identifier: Apache-2.0
#include "collector/api/endpoints.h"
#include "collector/api/query_reader.h"
#include "collector/render/finding_json.h"
#include "collector/render/fleet_json.h"
#include "collector/render/recomputation_json.h"

#include <nlohmann/json.hpp>

#include <array>

namespace minewarden::collector {
namespace {

using nlohmann::json;

constexpr std::uint64_t default_limit = 100;
constexpr std::uint64_t largest_limit = 1000;
constexpr std::array<std::string_view, 2> visibility_states{"open", "closed"};

Response json_response(const json& body) {
    return {200, "application/json", to_text(body) + "\n"};
}

Answer list_agents(const ApiSources& sources, const Request& request) {
    QueryReader query(request);
    if (const auto problem = query.finish()) return to_response(*problem);
    const auto agents = sources.store.agents();
    if (!agents) return store_failed(agents.error());
    json rendered = json::array();
    for (const StoredAgent& agent : *agents)
        rendered.push_back(render_agent(agent, sources.allow_list.name_of(agent.key).has_value()));
    return json_response({{"agents", std::move(rendered)}});
}

/// A page, newest first, with the cursor of the next one. The first page counts all matches.
template <class Item>
Response list_response(const char* name, const FleetList<Item>& list, json (*render)(const Item&),
                       const std::optional<Result<MatchCount>>& count) {
    json items = json::array();
    for (const Item& item : list.items) items.push_back(render(item));
    json body{{name, std::move(items)},
              {"before", list.before ? json(list.before->text()) : json(nullptr)}};
    if (count)
        body["count"] = render_count(*count ? **count : MatchCount{list.items.size(), false});
    return json_response(body);
}

Answer list_gaps(const ApiSources& sources, const Request& request) {
    QueryReader query(request);
    GapFilter filter;
    filter.since = query.time("since");
    filter.until = query.time("until");
    filter.agent = query.agent("agent", sources.store);
    const auto before = query.cursor("before");
    const std::size_t limit = query.number("limit", 1, largest_limit).value_or(default_limit);
    if (const auto problem = query.finish()) return to_response(*problem);
    const auto list = sources.store.gaps(filter, before, limit);
    if (!list) return store_failed(list.error());
    std::optional<Result<MatchCount>> count;
    if (!before) count.emplace(sources.store.count_gaps(filter));
    return list_response("gaps", *list, render_gap, count);
}

Answer list_visibility(const ApiSources& sources, const Request& request) {
    QueryReader query(request);
    VisibilityFilter filter;
    if (const auto state = query.choice("state", visibility_states)) filter.open = *state == 0;
    filter.since = query.time("since");
    filter.agent = query.agent("agent", sources.store);
    const auto before = query.cursor("before");
    const std::size_t limit = query.number("limit", 1, largest_limit).value_or(default_limit);
    if (const auto problem = query.finish()) return to_response(*problem);
    const auto list = sources.store.visibility(filter, before, limit);
    if (!list) return store_failed(list.error());
    std::optional<Result<MatchCount>> count;
    if (!before) count.emplace(sources.store.count_visibility(filter));
    return list_response("visibility", *list, render_visibility, count);
}

Answer show_visibility(const ApiSources& sources, const Request& request) {
    QueryReader query(request);
    if (const auto problem = query.finish()) return to_response(*problem);
    const auto cursor = Cursor::parse(request.segments.at("cursor"));
    if (!cursor)
        return to_response(
            {400, "", "cursor: expected the cursor of a visibility record", "cursor"});
    const auto record = sources.store.visibility_at(*cursor);
    if (!record) return store_failed(record.error());
    if (!*record) return to_response({404, "", "no visibility record has this cursor"});
    return json_response(render_visibility(**record));
}

Answer show_rule_set(const ApiSources& sources, const Request& request) {
    QueryReader query(request);
    if (const auto problem = query.finish()) return to_response(*problem);
    const auto bytes = from_hex(request.segments.at("digest"));
    const auto digest = Digest::from(as_bytes(bytes.value_or("")));
    if (!digest) return to_response({400, "", "digest: expected 64 hexadecimal digits", "digest"});
    const auto rules = sources.store.rule_set(*digest);
    if (!rules) return store_failed(rules.error());
    if (!*rules) return to_response({404, "", "no agent has sent these rules"});
    return json_response(render_rule_set(**rules));
}

json intake_status(const Counters& counters) {
    return {{"storing", counters.is_storing.load()},
            {"messages", counters.messages.load()},
            {"findings", counters.findings.load()},
            {"duplicates", counters.duplicates.load()},
            {"rejected_records", counters.rejected_records.load()},
            {"commits", counters.commits.load()},
            {"commit_failures", counters.commit_failures.load()},
            {"handshakes_refused", counters.handshakes_refused.load()},
            {"connections", counters.connections.load()},
            {"connections_over_limit", counters.connections_over_limit.load()},
            {"restarts", counters.intake_restarts.load()},
            {"store_restarts", counters.store_restarts.load()}};
}

Answer show_status(const ApiSources& sources, const Request& request) {
    QueryReader query(request);
    if (const auto problem = query.finish()) return to_response(*problem);
    const auto store = sources.store.status();
    if (!store) return store_failed(store.error());
    return json_response(
        {{"version", MINEWARDEN_VERSION},
         {"started_at", to_rfc3339(sources.started_at)},
         {"key", fingerprint(sources.key)},
         {"public_key", to_hex(sources.key)},
         {"listen", sources.endpoints},
         {"enrolled_agents", sources.allow_list.size()},
         {"store",
          {{"schema_version", store->schema_version},
           {"last_finding", store->last_finding.text()},
           {"bytes", store->bytes},
           {"open_visibility", store->open_visibility},
           {"classes", render_classes(*store, sources.retention)}}},
         {"intake", intake_status(sources.counters)},
         {"recompute", render_recompute_status(sources.recompute, store->mismatched)}});
}

} // namespace

void add_fleet_endpoints(Router& router, const ApiSources& sources) {
    router.get("/api/v1/agents",
               [&sources](const Request& request) { return list_agents(sources, request); });
    router.get("/api/v1/gaps",
               [&sources](const Request& request) { return list_gaps(sources, request); });
    router.get("/api/v1/visibility",
               [&sources](const Request& request) { return list_visibility(sources, request); });
    router.get("/api/v1/visibility/{cursor}",
               [&sources](const Request& request) { return show_visibility(sources, request); });
    router.get("/api/v1/rule-sets/{digest}",
               [&sources](const Request& request) { return show_rule_set(sources, request); });
    router.get("/api/v1/status",
               [&sources](const Request& request) { return show_status(sources, request); });
}

} // namespace minewarden::collector
