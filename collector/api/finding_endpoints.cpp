// SPDX-License-Identifier: Apache-2.0
#include "collector/api/endpoints.h"
#include "collector/api/query_reader.h"
#include "collector/recompute/check_finding.h"
#include "collector/render/finding_json.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace minewarden::collector {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t default_limit = 100;
constexpr std::uint64_t largest_limit = 1000;
constexpr std::uint64_t longest_wait_s = 60;
constexpr std::size_t longest_history = 1000;
constexpr std::size_t candidates_shown = 5;

constexpr std::array<std::string_view, 2> state_choices{"open", "closed"};
constexpr std::array<std::string_view, 3> certainty_choices{"suspected", "probable", "confirmed"};

/// "latest": only what comes from now on.
void read_after(QueryReader& query, const ApiSources& sources, FindingFilter& filter) {
    if (const auto after = query.text("after"); after == "latest") {
        filter.after = sources.counters.last_finding;
        if (const auto status = sources.store.status()) filter.after = status->last_finding;
        return;
    }
    filter.after = query.number("after", 0, INT64_MAX).value_or(0);
}

FindingFilter read_filter(QueryReader& query, const ApiSources& sources) {
    FindingFilter filter;
    filter.since = query.time("since");
    filter.until = query.time("until");
    filter.activity = query.activity("activity").value_or("");
    if (const auto at = query.choice("certainty", certainty_choices))
        filter.certainty = static_cast<wire::Certainty>(wire::CERTAINTY_SUSPECTED + *at);
    if (const auto at = query.choice("state", state_choices))
        filter.state = static_cast<wire::FindingState>(wire::FINDING_STATE_OPEN + *at);
    filter.agent = query.agent("agent", sources.store);
    filter.current_only = query.boolean("current").value_or(true);
    filter.mismatched_only = query.boolean("mismatched").value_or(false);
    filter.limit = query.number("limit", 1, largest_limit).value_or(default_limit);
    read_after(query, sources, filter);
    return filter;
}

/// Answers with what is there; with nothing there, waits for a commit until the deadline.
Answer answer_page(const ApiSources& sources, FindingFilter filter, Clock::time_point deadline,
                   bool is_last) {
    const auto page = sources.store.findings(filter);
    if (!page) return store_failed(page.error());
    if (page->findings.empty() && !is_last) {
        filter.after = page->next; // what was looked at once is not looked at again
        return Later{deadline, [&sources, filter, deadline](bool last) {
                         return answer_page(sources, filter, deadline, last);
                     }};
    }
    json findings = json::array();
    for (const StoredFinding& found : page->findings)
        findings.push_back(render_finding(found, sources.rules));
    const json body{{"findings", std::move(findings)}, {"next", page->next}, {"more", page->more}};
    return Response{200, "application/json", to_text(body) + "\n"};
}

Answer list_findings(const ApiSources& sources, const Request& request) {
    QueryReader query(request);
    const FindingFilter filter = read_filter(query, sources);
    const auto wait = query.number("wait", 0, longest_wait_s).value_or(0);
    if (const auto problem = query.finish()) return to_response(*problem);
    return answer_page(sources, filter, Clock::now() + std::chrono::seconds(wait), wait == 0);
}

/// The one finding that a path names, or the response that says why there is none.
std::variant<StoredFinding, Response> find_one(const ApiSources& sources, const Request& request) {
    const std::string& given = request.segments.at("id");
    const auto prefix = FindingIdPrefix::parse(given);
    if (!prefix)
        return to_response({400, "",
                            fmt::format("id: expected {} to {} hexadecimal digits",
                                        FindingIdPrefix::least_digits, FindingId::size * 2),
                            "id"});
    // All that use a whole id, so that its owner is among them.
    const bool is_whole = prefix->digits.size() == FindingId::size * 2;
    auto found = sources.store.find(*prefix, is_whole ? longest_history : candidates_shown);
    if (!found) return store_failed(found.error());
    if (found->empty())
        return to_response(
            {404, "", fmt::format("no finding has an id that begins with {}", given)});
    // An agent that uses the id of another's finding must not stand in its way.
    if (found->size() > 1 && std::ranges::count_if(*found, has_own_id) == 1)
        return std::move(*std::ranges::find_if(*found, has_own_id));
    if (found->size() == 1) return std::move(found->front());
    std::string candidates;
    if (found->size() > candidates_shown) found->resize(candidates_shown);
    for (const StoredFinding& one : *found)
        candidates += fmt::format(" {} (agent {})", to_hex(as_bytes(one.finding.id())),
                                  fingerprint(one.agent));
    return to_response({400, "", fmt::format("several findings begin so:{}", candidates), "id"});
}

/// All versions, newest first.
Result<std::vector<StoredFinding>> history_of(const ApiSources& sources,
                                              const StoredFinding& found) {
    const auto id = FindingId::from(as_bytes(found.finding.id()));
    return sources.store.history(found.agent, id.value_or(FindingId{}), longest_history);
}

Answer show_finding(const ApiSources& sources, const Request& request) {
    QueryReader query(request);
    if (const auto problem = query.finish()) return to_response(*problem);
    const auto found = find_one(sources, request);
    if (const auto* response = std::get_if<Response>(&found)) return *response;
    const auto& finding = std::get<StoredFinding>(found);
    const auto history = history_of(sources, finding);
    if (!history) return store_failed(history.error());
    json rendered = render_finding(finding, sources.rules);
    rendered["history"] = json::array();
    for (const StoredFinding& version : *history)
        rendered["history"].push_back(render_version(version));
    return Response{200, "application/json", to_text(rendered) + "\n"};
}

Answer show_record(const ApiSources& sources, const Request& request) {
    QueryReader query(request);
    const auto version = query.number("version", 1, UINT32_MAX);
    if (const auto problem = query.finish()) return to_response(*problem);
    const auto found = find_one(sources, request);
    if (const auto* response = std::get_if<Response>(&found)) return *response;
    const auto& current = std::get<StoredFinding>(found);
    if (!version) return Response{200, "application/cbor", current.finding.record()};
    const auto history = history_of(sources, current);
    if (!history) return store_failed(history.error());
    for (const StoredFinding& one : *history) {
        if (one.finding.version() == *version)
            return Response{200, "application/cbor", one.finding.record()};
    }
    return to_response({404, "", fmt::format("the finding has no version {}", *version)});
}

} // namespace

void add_finding_endpoints(Router& router, const ApiSources& sources) {
    router.get("/api/v1/findings",
               [&sources](const Request& request) { return list_findings(sources, request); });
    router.get("/api/v1/findings/{id}",
               [&sources](const Request& request) { return show_finding(sources, request); });
    router.get("/api/v1/findings/{id}/record",
               [&sources](const Request& request) { return show_record(sources, request); });
}

} // namespace minewarden::collector
