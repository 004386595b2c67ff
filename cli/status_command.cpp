// SPDX-License-Identifier: Apache-2.0
// minewarden status: what is observed, what is not, and what it costs.
#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/json_text.h"
#include "cli/pages.h"
#include "cli/phrase.h"
#include "cli/storage_view.h"
#include "cli/visibility_view.h"
#include "common/clock.h"
#include "common/text.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace minewarden::cli {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::json;

constexpr std::string_view usage = "minewarden status [OPTION]...";
constexpr std::size_t gaps_shown = 20;
constexpr std::size_t records_shown = 20;
constexpr std::size_t most_listed = 100'000;

/// CPU time divided by elapsed time, such as "0.05 %".
std::string share(std::int64_t cpu_ns, std::int64_t elapsed_ns) {
    const std::int64_t hundredths = elapsed_ns > 0 ? cpu_ns / (elapsed_ns / 10'000 + 1) : 0;
    return fmt::format("{}.{:02} %", hundredths / 100, hundredths % 100);
}

std::string show_agent(const Json& agent, Language language, WallTime now) {
    std::string text =
        fmt::format("{}  ({}){}\n", text_at(agent, "name"), text_at(agent, "key"),
                    agent.value("enrolled", false)
                        ? ""
                        : Phrase{"  no longer enrolled", "  已撤销登记"}.in(language));
    const auto heartbeat = agent.find("heartbeat");
    if (heartbeat == agent.end() || !heartbeat->is_object())
        return text + Phrase{"  no heartbeat yet\n", "  尚无心跳\n"}.in(language);
    const auto heard = parse_time(text_at(*heartbeat, "received_at"), now);
    // The clock may have been set back.
    const std::int64_t age_s =
        heard ? std::max<std::int64_t>(0, now.ns - heard->ns) / 1'000'000'000 : 0;
    constexpr Phrase life{
        "  last heartbeat {} s ago, up {} s, {} windows judged, {} findings open, {} records to "
        "send\n",
        "  {} 秒前有心跳，已运行 {} 秒，已判定 {} 个窗口，{} 个检出进行中，{} 条记录待发送\n"};
    text += life.with(language, age_s, integer_at(*heartbeat, "uptime_ns") / 1'000'000'000,
                      integer_at(*heartbeat, "windows"), integer_at(*heartbeat, "open_findings"),
                      integer_at(*heartbeat, "outbox_records"));
    // Both, because just after the start the share is high.
    constexpr Phrase cost{"  used {} ms of CPU since its start, {} of one core; memory: {} MiB\n",
                          "  启动以来共用 CPU {} 毫秒，占单核 {}，内存 {} MiB\n"};
    const std::int64_t cpu_ns = integer_at(*heartbeat, "own_cpu_ns");
    text +=
        cost.with(language, cpu_ns / 1'000'000, share(cpu_ns, integer_at(*heartbeat, "uptime_ns")),
                  integer_at(*heartbeat, "own_resident_bytes") >> 20);
    for (const Json& capability : heartbeat->value("capabilities", Json::array())) {
        const bool works = capability.value("working", false);
        const std::string problem = text_at(capability, "problem");
        Phrase state{"DOES NOT WORK: ", "不可用："};
        if (works) state = {"works", "正常"};
        if (works && !problem.empty()) state = {"works in part: ", "部分可用："};
        const std::string source = text_at(capability, "source");
        text +=
            fmt::format("  {} {}{}{}{}\n", Phrase{"capability", "观测能力"}.in(language),
                        fit_to_width(text_at(capability, "name"), 19), state.in(language), problem,
                        source.empty() || !problem.empty() ? "" : fmt::format(" ({})", source));
    }
    for (const Json& drop : heartbeat->value("drops", Json::array()))
        text += fmt::format("  {} {}: {}\n", Phrase{"not seen", "未能观察"}.in(language),
                            text_at(drop, "place"), integer_at(drop, "count"));
    return text;
}

std::string show_gaps(const Listing& gaps, Language language) {
    if (gaps.items.empty())
        return Phrase{"No gaps were reported.\n", "没有报告任何缺口。\n"}.in(language);
    std::string text = Phrase{"Gaps, latest first:\n", "缺口（最近的在前）：\n"}.in(language);
    const std::size_t shown = std::min(gaps.items.size(), gaps_shown);
    for (std::size_t i = 0; i < shown; ++i) {
        const Json& gap = gaps.items[i];
        text +=
            fmt::format("  {}  {}  {} x{}  {}\n", text_at(gap, "until"), text_at(gap, "agent.name"),
                        text_at(gap, "place"), integer_at(gap, "lost"), text_at(gap, "detail"));
    }
    constexpr Phrase exact{"  ({} of {} shown)\n", "  （共 {1} 条，显示 {0} 条）\n"};
    constexpr Phrase at_least{"  ({} of at least {} shown)\n", "  （至少 {1} 条，显示 {0} 条）\n"};
    if (shown < gaps.matches)
        text += (gaps.is_exact ? exact : at_least).with(language, shown, gaps.matches);
    return text;
}

/// Results of recomputing verdicts; "" from a collector that does not report them.
std::string show_recomputed(const Json& status, Language language) {
    const Json results = status.value("recompute", Json::object());
    if (results.empty()) return "";
    const std::int64_t matched = integer_at(results, "matched");
    const std::int64_t mismatched = integer_at(results, "mismatched");
    const std::int64_t failed = integer_at(results, "rules_missing") +
                                integer_at(results, "newer_version") +
                                integer_at(results, "unreadable");
    constexpr Phrase counts{
        "Verdicts recomputed since {}: {}; {} the same, {} NOT the same, {} could not be "
        "recomputed; {} skipped under load\n",
        "自 {} 起重新计算的结论：共 {} 条，一致 {} 条，不一致 {} 条，无法重新计算 {} "
        "条；因负载略过 {} 条\n"};
    std::string text =
        counts.with(language, text_at(status, "started_at"), matched + mismatched + failed, matched,
                    mismatched, failed, integer_at(results, "skipped"));
    constexpr Phrase kept{"  {} mismatches stored: minewarden findings --mismatched\n",
                          "  共保存 {} 条不一致记录：minewarden findings --mismatched\n"};
    if (const std::int64_t all = integer_at(results, "mismatched_kept"); all > 0)
        text += kept.with(language, all);
    return text;
}

/// Only if something happened: deaths of the collector's processes.
std::string show_restarts(const Json& status, Language language) {
    const Json intake = status.value("intake", Json::object());
    const std::int64_t intakes = integer_at(intake, "restarts");
    const std::int64_t stores = integer_at(intake, "store_restarts");
    if (intakes + stores == 0) return "";
    constexpr Phrase restarts{
        "The collector started processes again since {}: intake {} times, store {} times; nothing "
        "was lost, its log says why\n",
        "自 {} 起采集端重启过进程：接收进程 {} 次，存储进程 {} 次；数据未丢失，原因见采集端日志\n"};
    return restarts.with(language, text_at(status, "started_at"), intakes, stores);
}

} // namespace

Result<void> run_status(const Arguments& arguments) {
    po::options_description options("Options");
    // clang-format off
    options.add_options()
        ("since", po::value<std::string>()->default_value("24h"), "show gaps since: a time, a date, or an age")
        ("output,o", po::value<std::string>()->default_value("table"), "table or json")
        ("lang", po::value<std::string>(), "en or zh; otherwise from LANG")
        ("socket", po::value<std::string>()->default_value("/run/minewarden/api.sock"),
         "the collector's API socket (setting api.socket)");
    // clang-format on
    TRY_ASSIGN(const auto parsed, parse(arguments, usage, options, {}));
    if (parsed.help_shown) return {};
    TRY_ASSIGN(const auto language, language_of(parsed.text("lang")));
    const WallTime now = wall_now();
    const auto since = parse_time(parsed.text("since"), now);
    if (!since)
        return fail(ErrorKind::usage, "--since: expected a time, a date, or an age such as 2h");

    const ApiClient api(parsed.text("socket"));
    const auto agents = api.get_json("/api/v1/agents");
    if (!agents) return fail(agents.error());
    const ApiClient::Query query{{"since", to_rfc3339(*since)}};
    const auto visibility =
        fetch_pages(api, "/api/v1/visibility", "visibility", query, most_listed);
    if (!visibility) return fail(visibility.error());
    const auto gaps = fetch_pages(api, "/api/v1/gaps", "gaps", query, most_listed);
    if (!gaps) return fail(gaps.error());
    TRY_ASSIGN(const auto status, api.get_json("/api/v1/status"));
    const Json agent_list = agents->value("agents", Json::array());
    if (parsed.text("output") == "json")
        return print(Json{{"agents", agent_list},
                          {"visibility", visibility->items},
                          {"gaps", gaps->items},
                          {"intake", status.value("intake", Json::object())},
                          {"store", status.value("store", Json::object())},
                          {"recompute", status.value("recompute", Json::object())}}
                         .dump(2) +
                     "\n");

    std::string text;
    for (const Json& agent : agent_list) text += show_agent(agent, language, now) + "\n";
    if (agent_list.empty())
        text = Phrase{"no agent has connected yet\n\n", "尚无探针连接\n\n"}.in(language);
    const std::string now_unseen = show_open_visibility(visibility->items, language, records_shown);
    const std::string was_unseen =
        show_closed_visibility(visibility->items, language, records_shown);
    text += now_unseen.empty() && !agent_list.empty()
                ? Phrase{"All agents are heard, and all their capabilities work.\n",
                         "所有探针均在线，观测能力均正常。\n"}
                      .in(language)
                : now_unseen;
    return print(text + was_unseen + show_gaps(*gaps, language) + show_restarts(status, language) +
                 show_recomputed(status, language) +
                 show_storage(status.value("store", Json::object()), language));
}

} // namespace minewarden::cli
