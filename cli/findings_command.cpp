// SPDX-License-Identifier: Apache-2.0
#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/finding_view.h"
#include "cli/findings_csv.h"
#include "cli/json_text.h"
#include "cli/pages.h"
#include "cli/phrase.h"
#include "cli/visibility_view.h"
#include "common/clock.h"
#include "common/text.h"
#include "common/wire/activity.h"
#include "rules/verdict/claim.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace minewarden::cli {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::json;

constexpr std::string_view usage = "minewarden findings [ID] [OPTION]...";
constexpr std::chrono::seconds follow_wait{10}; ///< also the delay of visibility records
constexpr std::size_t visibility_limit = 10000;
constexpr std::size_t visibility_shown = 20; ///< lines under a table

enum class Format { table, json, jsonl, csv };

Result<Format> parse_format(const std::string& name) {
    if (name == "table") return Format::table;
    if (name == "json") return Format::json;
    if (name == "jsonl") return Format::jsonl;
    if (name == "csv") return Format::csv;
    return fail(ErrorKind::usage, fmt::format("-o {}: expected table, json, jsonl or csv",
                                              escape_for_terminal(to_valid_utf8(name))));
}

Result<ApiClient::Query> query_of(const ParsedOptions& options) {
    ApiClient::Query query;
    for (const char* name : {"since", "until"}) {
        if (!options.has(name)) continue;
        const auto time = parse_time(options.text(name), wall_now());
        if (!time)
            return fail(
                ErrorKind::usage,
                fmt::format("--{}: expected a time such as 2026-11-20T15:00:00Z, a date, or an "
                            "age such as 2h",
                            name));
        query[name] = to_rfc3339(*time);
    }
    if (options.has("activity")) {
        const std::string activity = options.text("activity");
        const auto all = Activity::all();
        if (std::ranges::none_of(all, [&](const Activity& a) { return a.is_under(activity); }))
            return fail(ErrorKind::usage, fmt::format("--activity: unknown activity \"{}\"{}",
                                                      escape_for_terminal(to_valid_utf8(activity)),
                                                      did_you_mean(activity, activity_names())));
        query["activity"] = activity;
    }
    if (options.has("certainty")) {
        const auto certainty = rules::find_certainty(options.text("certainty"));
        if (!certainty || *certainty == rules::Certainty::none)
            return fail(ErrorKind::usage, "--certainty: expected suspected, probable or confirmed");
        query["certainty"] = options.text("certainty");
    }
    if (options.has("state")) query["state"] = options.text("state");
    if (options.has("agent")) query["agent"] = options.text("agent");
    // Verdicts are recomputed after their version was printed, so --follow would miss them.
    if (options.values["mismatched"].as<bool>() && options.values["follow"].as<bool>())
        return fail(ErrorKind::usage, "--mismatched excludes --follow: repeat the command, or "
                                      "watch the collector's log");
    if (options.values["mismatched"].as<bool>()) {
        query["mismatched"] = "true";
        query["current"] = "false"; // a replaced version may be a mismatch too
    }
    return query;
}

std::string render(const Json& finding, Format format, const ViewStyle& style) {
    switch (format) {
    case Format::table:
        return table_row(finding, style);
    case Format::csv:
        return csv_row(finding);
    case Format::json:
        return finding.dump(2) + "\n";
    case Format::jsonl:
        return finding.dump() + "\n";
    }
    return {};
}

std::string header(Format format, const ViewStyle& style) {
    if (format == Format::table) return table_header(style);
    if (format == Format::csv) return csv_header();
    return {};
}

/// The hosts that cannot be seen now. Listed with any query, because findings of such a host may
/// be missing.
Result<Listing> fetch_open_visibility(const ApiClient& api, const ApiClient::Query& query) {
    ApiClient::Query open{{"state", "open"}};
    if (const auto agent = query.find("agent"); agent != query.end()) open.insert(*agent);
    return fetch_pages(api, "/api/v1/visibility", "visibility", std::move(open), visibility_limit);
}

std::string render_visibility(const Json& record, Format format, const ViewStyle& style) {
    if (format == Format::table) return visibility_line(record, style.language);
    if (format == Format::csv) return visibility_csv_row(record);
    return record.dump() + "\n";
}

/// The line below a table that does not show all matches.
std::string cut_note(const Listing& findings, Language language) {
    const std::size_t shown = findings.items.size();
    if (findings.is_exact && findings.matches <= shown) return "";
    constexpr Phrase exact{"({} of {} shown, newest first; more with --limit)\n",
                           "（共 {1} 条，显示最新 {0} 条；用 --limit 查看更多）\n"};
    constexpr Phrase at_least{"({} of at least {} shown, newest first; more with --limit)\n",
                              "（至少 {1} 条，显示最新 {0} 条；用 --limit 查看更多）\n"};
    return (findings.is_exact ? exact : at_least).with(language, shown, findings.matches);
}

Result<void> list(const ApiClient& api, const ApiClient::Query& query, std::size_t limit,
                  Format format, const ViewStyle& style, const std::string& head) {
    auto findings = fetch_pages(api, "/api/v1/findings", "findings", query, limit);
    if (!findings) return fail(findings.error());
    Json& items = findings->items;
    TRY_ASSIGN(const auto unseen, fetch_open_visibility(api, query));
    if (format == Format::json) {
        items.insert(items.end(), unseen.items.begin(), unseen.items.end());
        return print(items.dump(2) + "\n");
    }
    std::string text = head;
    for (const Json& finding : items) text += render(finding, format, style);
    if (format == Format::table && items.empty())
        text = Phrase{"no findings\n", "没有检出\n"}.in(style.language);
    if (format == Format::table) {
        const std::string records =
            show_open_visibility(unseen.items, style.language, visibility_shown);
        return print(text + cut_note(*findings, style.language) +
                     (records.empty() ? "" : "\n" + records));
    }
    for (const Json& record : unseen.items) text += render_visibility(record, format, style);
    return print(text);
}

/// Prints the visibility records that opened or closed since the last call.
class VisibilityFollower {
  public:
    Result<void> print_news(const ApiClient& api, const ApiClient::Query& query, Format format,
                            const ViewStyle& style) {
        TRY_ASSIGN(const auto open, fetch_open_visibility(api, query));
        std::map<std::string, Json> now;
        std::string text;
        for (const Json& record : open.items) {
            const std::string cursor = record.value("cursor", "");
            if (!known_.contains(cursor)) text += render_visibility(record, format, style);
            now.emplace(cursor, record);
        }
        for (const auto& [cursor, record] : known_) {
            if (now.contains(cursor)) continue;
            TRY_ASSIGN(const auto ended, api.get_json("/api/v1/visibility/" + cursor));
            text += render_visibility(ended, format, style);
        }
        known_ = std::move(now);
        return print(text);
    }

  private:
    std::map<std::string, Json> known_; ///< open ones, by cursor
};

/// Prints stored versions, then each new one as it is committed, until interrupted.
Result<void> follow(const ApiClient& api, ApiClient::Query query, Format format,
                    const ViewStyle& style, const std::string& head) {
    if (format == Format::json) format = Format::jsonl;
    TRY(print(head));
    query["current"] = "false";
    query["wait"] = std::to_string(follow_wait.count());
    query.try_emplace("after", "start");
    VisibilityFollower visibility;
    for (;;) {
        TRY(visibility.print_news(api, query, format, style));
        TRY_ASSIGN(const auto answer, api.get_json("/api/v1/findings", query, follow_wait * 2));
        std::string text;
        for (const Json& finding : answer.value("findings", Json::array()))
            text += render(finding, format, style);
        TRY(print(text));
        query["after"] = answer.value("after", query["after"]);
    }
}

/// The API and the record use the same names for the parts of a subject.
std::optional<rules::Subject> subject_of(const Json& subject) {
    cbor::Map parts;
    parts.emplace("kind", subject.value("kind", ""));
    for (const char* key :
         {"pid", "start_boottime_ns", "image", "cgroup_id", "inode", "pci_address"}) {
        if (subject.contains(key)) parts.emplace(key, integer_at(subject, key));
    }
    auto read = rules::subject_from_cbor(parts);
    return read ? std::optional(*read) : std::nullopt;
}

rules::Attributes attributes_of(const Json& attributes) {
    rules::Attributes read;
    for (const auto& [name, value] : attributes.items()) {
        if (const auto attribute = rules::find_attribute(name); attribute && value.is_string())
            read.emplace(*attribute, value.get<std::string>());
    }
    return read;
}

/// What the finding claims apart from its record.
rules::Claim claim_of(const Json& finding, const std::string& agent_key) {
    const Json subject = finding.value("subject", Json::object());
    const auto bytes = [](const Json& of, const char* key) {
        return from_hex(of.value(key, "")).value_or("");
    };
    return {
        .id = FindingId::from(as_bytes(bytes(finding, "id"))).value_or(FindingId{}),
        .agent_key = as_bytes(agent_key),
        .activity = finding.value("activity", ""),
        .certainty =
            rules::find_certainty(finding.value("certainty", "")).value_or(rules::Certainty::none),
        .is_open = finding.value("state", "") == "open",
        .boot = BootId::from(as_bytes(bytes(subject, "boot_id"))).value_or(BootId{}),
        .subject = subject_of(subject),
        .attributes = attributes_of(finding.value("attributes", Json::object()))};
}

/// The rule set from the collector; nullptr if it has none, or this version cannot load it.
std::shared_ptr<const rules::RuleSet> fetch_rules(const ApiClient& api, const Digest& digest) {
    const auto rule_set = api.get_json("/api/v1/rule-sets/" + to_hex(digest));
    if (!rule_set) return nullptr;
    std::vector<rules::RuleFile> files;
    for (const Json& file : rule_set->value("files", Json::array()))
        files.push_back({file.value("name", ""), file.value("content", "")});
    auto rules = rules::RuleSet::load(std::move(files));
    return rules ? *rules : nullptr;
}

/// Recomputes the verdict from the stored record and the rules that it names.
Result<void> verify(const ApiClient& api, const Json& finding, Language language) {
    const std::string id = finding.value("id", "");
    const auto record = api.get("/api/v1/findings/" + id + "/record");
    if (!record) return fail(record.error());
    if (to_hex(sha256(as_bytes(*record))) != finding.value("record_sha256", ""))
        return fail(ErrorKind::data, "the record does not have the SHA-256 that the finding names");
    const std::string key =
        from_hex(finding.value("agent", Json::object()).value("public_key", "")).value_or("");
    const auto checked =
        rules::check_claim(claim_of(finding, key), as_bytes(*record),
                           [&](const Digest& digest) { return fetch_rules(api, digest); });
    if (checked.result == rules::ClaimResult::mismatched) {
        std::string text = "the finding does not follow from its evidence:";
        for (const rules::Difference& difference : checked.differences)
            text += fmt::format("\n  {}: reported \"{}\", recomputed \"{}\"",
                                escape_for_terminal(difference.field),
                                escape_for_terminal(difference.reported),
                                escape_for_terminal(difference.recomputed));
        return fail(ErrorKind::data, text);
    }
    if (checked.result != rules::ClaimResult::matched || !checked.decoded)
        return fail(ErrorKind::data, "the verdict cannot be recomputed: " + checked.problem);
    const rules::VerdictRecord& recomputed = checked.decoded->record;
    constexpr Phrase same{
        "The verdict was recomputed (evidence: {}, rule set: {}): {}, the same record byte for "
        "byte.\n",
        "已重新计算（证据 {} 项，规则集 {}）：结论为 {}，记录逐字节一致。\n"};
    return print(same.with(language, recomputed.evidence.size(),
                           to_hex(recomputed.rule_set).substr(0, 16),
                           rules::to_string(recomputed.verdict.certainty)));
}

Result<void> show_one(const ApiClient& api, const std::string& id, Format format,
                      const ViewStyle& style, const std::string& head, bool with_check) {
    if (id.empty() || !std::ranges::all_of(id, [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        }))
        return fail(ErrorKind::usage,
                    fmt::format("invalid finding id \"{}\": expected hexadecimal digits",
                                escape_for_terminal(to_valid_utf8(id))));
    TRY_ASSIGN(const auto finding, api.get_json("/api/v1/findings/" + id));
    if (with_check) return verify(api, finding, style.language);
    if (format == Format::table) return print(show_finding(finding, style));
    return print(head + render(finding, format, style));
}

} // namespace

Result<void> run_findings(const Arguments& arguments) {
    po::options_description options("Options");
    // clang-format off
    options.add_options()
        ("id", po::value<std::string>(), "show this finding in full (the first digits of its id are enough)")
        ("since", po::value<std::string>(), "changed at or after: a time, a date, or an age such as 2h")
        ("until", po::value<std::string>(), "changed before")
        ("activity", po::value<std::string>(), "an activity or a prefix: mining, mining.pow")
        ("certainty", po::value<std::string>(), "at least: suspected, probable, confirmed")
        ("state", po::value<std::string>(), "open or closed")
        ("agent", po::value<std::string>(), "key or name of an agent")
        ("mismatched", po::bool_switch(),
         "only versions for which the collector recomputed another verdict")
        ("limit", po::value<std::size_t>()->default_value(10000), "maximum number of findings")
        ("follow", po::bool_switch(), "print each new version when it is committed")
        ("verify", po::bool_switch(), "recompute the verdict of this finding from its record")
        ("output,o", po::value<std::string>()->default_value("table"), "table, json, jsonl or csv")
        ("bom", po::bool_switch(), "begin csv with a byte order mark, which spreadsheets need for UTF-8")
        ("no-headers", po::bool_switch(), "omit the header line of table and csv")
        ("lang", po::value<std::string>(), "en or zh; otherwise from LANG")
        ("socket", po::value<std::string>()->default_value("/run/minewarden/api.sock"),
         "the collector's API socket (setting api.socket)");
    // clang-format on
    po::positional_options_description positional;
    positional.add("id", 1);
    TRY_ASSIGN(const auto parsed, parse(arguments, usage, options, positional));
    if (parsed.help_shown) return {};
    TRY_ASSIGN(const auto format, parse_format(parsed.text("output")));
    TRY_ASSIGN(const auto language, language_of(parsed.text("lang")));
    const bool marks_bytes = parsed.values["bom"].as<bool>();
    if (marks_bytes && format != Format::csv)
        return fail(ErrorKind::usage, "--bom: only with -o csv");
    const ViewStyle style = style_of_terminal(language);
    const std::string head = (marks_bytes ? "\xef\xbb\xbf" : "") +
                             (parsed.values["no-headers"].as<bool>() ? "" : header(format, style));
    const ApiClient api(parsed.text("socket"));
    if (parsed.has("id"))
        return show_one(api, parsed.text("id"), format, style, head,
                        parsed.values["verify"].as<bool>());
    TRY_ASSIGN(auto query, query_of(parsed));
    if (parsed.values["follow"].as<bool>())
        return follow(api, std::move(query), format, style, head);
    const std::size_t limit = parsed.values["limit"].as<std::size_t>();
    if (limit == 0) return fail(ErrorKind::usage, "--limit: expected at least 1");
    return list(api, query, limit, format, style, head);
}

} // namespace minewarden::cli
