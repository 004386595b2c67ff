// SPDX-License-Identifier: Apache-2.0
#include "collector/api/endpoints.h"
#include "collector/api/query_reader.h"
#include "collector/recompute/check_finding.h"
#include "collector/render/finding_json.h"
#include "collector/render/fleet_json.h"

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
    return filter;
}

/// Where to follow from: a cursor, "start" (everything) or "latest" (only new versions).
std::optional<Cursor> read_after(QueryReader& query, const ApiSources& sources) {
    const auto given = query.text("after");
    if (!given) return std::nullopt;
    if (*given == "start") return Cursor();
    if (*given != "latest") return query.cursor("after").value_or(Cursor());
    const auto latest = sources.store.last_finding();
    if (!latest) query.report("after", latest.error().message);
    return latest ? *latest : Cursor();
}

json render_all(const std::vector<FindingSummary>& findings) {
    json rendered = json::array();
    for (const FindingSummary& found : findings) rendered.push_back(render_summary(found));
    return rendered;
}

Response json_response(const json& body) {
    return {200, "application/json", to_text(body) + "\n"};
}

struct FollowQuestion {
    FindingFilter filter;
    Cursor after;
    std::size_t limit;
    Clock::time_point deadline;
};

/// Returns the next versions. If there are none, waits for a commit until the deadline.
Answer follow_findings(const ApiSources& sources, FollowQuestion question, bool is_last) {
    const auto page = sources.store.findings_after(question.filter, question.after, question.limit);
    if (!page && page.error().kind == ErrorKind::data)
        return to_response({410, "", page.error().message, "after"});
    if (!page) return store_failed(page.error());
    if (page->findings.empty() && !is_last) {
        question.after = page->next; // does not read them twice
        const Clock::time_point deadline = question.deadline;
        return Later{deadline, [&sources, question = std::move(question)](bool last) {
                         return follow_findings(sources, question, last);
                     }};
    }
    return json_response({{"findings", render_all(page->findings)},
                          {"after", page->next.text()},
                          {"more", page->more}});
}

/// Newest first. The first page counts all matches.
Answer list_newest(const ApiSources& sources, const FindingFilter& filter,
                   std::optional<Cursor> before, std::size_t limit) {
    const auto list = sources.store.newest_findings(filter, before, limit);
    if (!list) return store_failed(list.error());
    json body{{"findings", render_all(list->findings)},
              {"before", list->before ? json(list->before->text()) : json(nullptr)},
              {"after", list->newest.text()}};
    if (!before) {
        const auto count = sources.store.count_findings(filter);
        // If counting takes too long, the items of the page are a lower bound.
        body["count"] = render_count(count ? *count : MatchCount{list->findings.size(), false});
    }
    return json_response(body);
}

Answer list_findings(const ApiSources& sources, const Request& request) {
    QueryReader query(request);
    const FindingFilter filter = read_filter(query, sources);
    const std::size_t limit = query.number("limit", 1, largest_limit).value_or(default_limit);
    const auto before = query.cursor("before");
    const auto after = read_after(query, sources);
    const auto wait = query.number("wait", 0, longest_wait_s);
    if (before && after) query.report("before", "cannot be combined with after");
    if (wait && !after) query.report("wait", "requires after");
    if (const auto problem = query.finish()) return to_response(*problem);
    if (!after) return list_newest(sources, filter, before, limit);
    const auto deadline = Clock::now() + std::chrono::seconds(wait.value_or(0));
    return follow_findings(sources, {filter, *after, limit, deadline}, wait.value_or(0) == 0);
}

/// The finding that a path names, or the response with the error.
std::variant<StoredFinding, Response> find_one(const ApiSources& sources, const Request& request) {
    const std::string& given = request.segments.at("id");
    const auto prefix = FindingIdPrefix::parse(given);
    if (!prefix)
        return to_response({400, "",
                            fmt::format("id: expected {} to {} hexadecimal digits",
                                        FindingIdPrefix::least_digits, FindingId::size * 2),
                            "id"});
    // With a full id, all findings that use it, so that its owner's is among them.
    const bool is_whole = prefix->digits.size() == FindingId::size * 2;
    auto found = sources.store.find(*prefix, is_whole ? longest_history : candidates_shown);
    if (!found) return store_failed(found.error());
    if (found->empty())
        return to_response(
            {404, "", fmt::format("no finding has an id that starts with {}", given)});
    // An agent may send the id of another agent's finding. The owner's finding is returned.
    if (found->size() > 1 && std::ranges::count_if(*found, has_own_id) == 1)
        return std::move(*std::ranges::find_if(*found, has_own_id));
    if (found->size() == 1) return std::move(found->front());
    std::string candidates;
    if (found->size() > candidates_shown) found->resize(candidates_shown);
    for (const StoredFinding& one : *found)
        candidates += fmt::format(" {} (agent {})", to_hex(as_bytes(one.finding.id())),
                                  fingerprint(one.agent));
    return to_response(
        {400, "", fmt::format("several findings have an id that starts so:{}", candidates), "id"});
}

FindingId id_of(const StoredFinding& found) {
    return FindingId::from(as_bytes(found.finding.id())).value_or(FindingId{});
}

Answer show_finding(const ApiSources& sources, const Request& request) {
    QueryReader query(request);
    if (const auto problem = query.finish()) return to_response(*problem);
    const auto found = find_one(sources, request);
    if (const auto* response = std::get_if<Response>(&found)) return *response;
    const auto& finding = std::get<StoredFinding>(found);
    const auto history = sources.store.history(finding.agent, id_of(finding), longest_history);
    if (!history) return store_failed(history.error());
    json rendered = render_finding(finding, sources.rules);
    rendered["history"] = json::array();
    for (const FindingSummary& version : *history)
        rendered["history"].push_back(render_version(version));
    return json_response(rendered);
}

Answer show_record(const ApiSources& sources, const Request& request) {
    QueryReader query(request);
    const auto version = query.number("version", 1, UINT32_MAX);
    if (const auto problem = query.finish()) return to_response(*problem);
    const auto found = find_one(sources, request);
    if (const auto* response = std::get_if<Response>(&found)) return *response;
    const auto& current = std::get<StoredFinding>(found);
    if (!version) return Response{200, "application/cbor", current.finding.record()};
    const auto one = sources.store.find_version(current.agent, id_of(current),
                                                static_cast<std::uint32_t>(*version));
    if (!one) return store_failed(one.error());
    if (!*one)
        return to_response({404, "", fmt::format("the finding has no version {}", *version)});
    return Response{200, "application/cbor", (*one)->finding.record()};
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
