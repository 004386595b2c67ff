// SPDX-License-Identifier: Apache-2.0
#include "common/config/settings.h"

#include "common/clock.h"
#include "common/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace minewarden {
namespace {

constexpr std::array<SettingSpec, static_cast<std::size_t>(Setting::count)> specs{{
    {Setting::agent_collector, "agent.collector", SettingType::names, "tcp://127.0.0.1:7410", "",
     "where the agent sends findings: tcp://ADDRESS:PORT or ipc://PATH, never a name; of several "
     "collectors over one database, the first that answers"},
    {Setting::agent_collector_key, "agent.collector_key", SettingType::path,
     "/etc/minewarden/collector.pub", "", "public key of the collector"},
    {Setting::agent_disabled_hooks, "agent.disabled_hooks", SettingType::names, "", "",
     "kernel hooks not to use, such as iter/bpf_sk_storage_map; functions that need them use "
     "another way or are reported as degraded"},
    {Setting::agent_heartbeat, "agent.heartbeat", SettingType::duration, "10s", "1s..10m",
     "time between two heartbeats"},
    {Setting::agent_intel, "agent.intel", SettingType::paths, "", "",
     "directories or files with indicator lists; empty: the shipped lists and "
     "/etc/minewarden/intel.d"},
    {Setting::agent_key, "agent.key", SettingType::path, "/etc/minewarden/agent.key", "",
     "secret key of this agent (mode 0600)"},
    {Setting::agent_name, "agent.name", SettingType::text, "", "",
     "name of this host in findings; empty: the host name"},
    {Setting::agent_outbox_limit, "agent.outbox_limit", SettingType::size, "64M", "1M..16G",
     "bytes on disk for findings not yet acknowledged; past it the oldest go and a gap is "
     "reported"},
    {Setting::agent_outbox_sync, "agent.outbox_sync", SettingType::choice, "always", "always|never",
     "always: fsync each finding before it counts as kept; never: leave it to the kernel"},
    {Setting::agent_output, "agent.output", SettingType::choice, "text", "text|jsonl",
     "how --standalone prints findings"},
    {Setting::agent_rules, "agent.rules", SettingType::paths, "", "",
     "directories or files with rules; empty: the shipped pack and /etc/minewarden/rules.d"},
    {Setting::agent_syscall_sampling, "agent.syscall_sampling", SettingType::choice, "on", "on|off",
     "on: count the syscalls of processes with a finding, at most for three seconds per hour "
     "and process, and thirty per hour and host"},
    {Setting::agent_window, "agent.window", SettingType::duration, "10s", "1s..60s",
     "span of one window"},
    {Setting::api_socket, "api.socket", SettingType::path, "/run/minewarden/api.sock", "",
     "Unix socket of the collector's HTTP API"},
    {Setting::collector_database, "collector.database", SettingType::text, "", "",
     "a SQLite file, or postgresql://... that several collectors may share; empty: "
     "collector.sqlite in state.dir"},
    {Setting::collector_enrolled, "collector.enrolled", SettingType::path,
     "/etc/minewarden/enrolled", "", "directory with the public keys of enrolled agents"},
    {Setting::collector_key, "collector.key", SettingType::path, "/etc/minewarden/collector.key",
     "", "secret key of the collector (mode 0600)"},
    {Setting::collector_listen, "collector.listen", SettingType::text, "tcp://127.0.0.1:7410", "",
     "where agents connect: a tcp:// or ipc:// endpoint"},
    {Setting::collector_recompute_sample, "collector.recompute_sample", SettingType::number, "1000",
     "0..1000",
     "number of verdicts to recompute and compare, per thousand finding versions; at most 200 "
     "per second"},
    {Setting::collector_records_per_minute, "collector.records_per_minute", SettingType::number,
     "6000", "0..1000000000",
     "messages and records that one agent may send, each begun 4 KiB counted once; it may save "
     "up ten minutes' worth; 0: without a limit"},
    {Setting::collector_streams_per_hour, "collector.streams_per_hour", SettingType::number, "60",
     "0..1000000", "new streams that one agent may begin; 0: without a limit"},
    {Setting::log_format, "log.format", SettingType::choice, "text", "text|json",
     "form of diagnostics on stderr"},
    {Setting::log_level, "log.level", SettingType::choice, "info", "debug|info|warn|error",
     "lowest severity of diagnostics to print"},
    {Setting::retention_agents, "retention.agents", SettingType::duration, "400d", "0s..36500d",
     "how long an agent that is not seen any more, and has nothing else in the database, is kept; "
     "0s: always"},
    {Setting::retention_findings, "retention.findings", SettingType::duration, "400d", "0s..36500d",
     "how long versions of findings are kept, but the current one of an open finding always; 0s: "
     "without a limit"},
    {Setting::retention_findings_size, "retention.findings_size", SettingType::size, "100G",
     "0..1048576G", "bytes of findings, past which the oldest go; 0: without a limit"},
    {Setting::retention_gaps, "retention.gaps", SettingType::duration, "400d", "0s..36500d",
     "how long gaps are kept; 0s: without a limit"},
    {Setting::retention_gaps_size, "retention.gaps_size", SettingType::size, "1G", "0..1048576G",
     "bytes of gaps, past which the oldest go; 0: without a limit"},
    {Setting::retention_rule_sets, "retention.rule_sets", SettingType::duration, "400d",
     "0s..36500d",
     "how long rules are kept that no agent uses and no finding was judged by; 0s: always"},
    {Setting::retention_rule_sets_size, "retention.rule_sets_size", SettingType::size, "1G",
     "0..1048576G", "bytes of rules, past which those go that no agent uses; 0: without a limit"},
    {Setting::retention_visibility, "retention.visibility", SettingType::duration, "400d",
     "0s..36500d", "how long visibility records are kept once they are closed; 0s: always"},
    {Setting::retention_visibility_size, "retention.visibility_size", SettingType::size, "1G",
     "0..1048576G",
     "bytes of visibility records, past which the oldest closed ones go; 0: without a limit"},
    {Setting::state_dir, "state.dir", SettingType::path, "/var/lib/minewarden", "",
     "directory for the outbox, open findings and the database"},
}};

static_assert(std::ranges::is_sorted(specs, {}, &SettingSpec::setting));

std::optional<std::uint64_t> parse_size(std::string_view text) {
    std::uint64_t amount = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
    if (error != std::errc{}) return std::nullopt;
    const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
    unsigned shift = 0;
    if (suffix == "K")
        shift = 10;
    else if (suffix == "M")
        shift = 20;
    else if (suffix == "G")
        shift = 30;
    else if (!suffix.empty())
        return std::nullopt;
    if (amount > UINT64_MAX >> shift) return std::nullopt;
    return amount << shift;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    return error == std::errc{} && end == last ? std::optional(number) : std::nullopt;
}

/// Splits "minimum..maximum" and parses both ends with `parse`.
template <class Parse>
bool in_range(std::string_view value, std::string_view range, Parse parse) {
    const auto parsed = parse(value);
    if (!parsed) return false;
    if (range.empty()) return true;
    const std::size_t dots = range.find("..");
    return *parsed >= *parse(range.substr(0, dots)) && *parsed <= *parse(range.substr(dots + 2));
}

bool accepts(const SettingSpec& spec, std::string_view value) {
    switch (spec.type) {
    case SettingType::text:
    case SettingType::path:
    case SettingType::paths:
    case SettingType::names:
        return true;
    case SettingType::duration:
        return in_range(value, spec.allowed, parse_duration);
    case SettingType::size:
        return in_range(value, spec.allowed, parse_size);
    case SettingType::number:
        return in_range(value, spec.allowed, parse_number);
    case SettingType::choice: {
        const auto choices = split(spec.allowed, '|');
        return std::ranges::find(choices, value) != choices.end();
    }
    }
    return false;
}

std::string expectation(const SettingSpec& spec) {
    switch (spec.type) {
    case SettingType::duration:
        return fmt::format("a duration such as 10s, in {}", spec.allowed);
    case SettingType::size:
        return fmt::format("a size such as 64M, in {}", spec.allowed);
    case SettingType::number:
        return fmt::format("a whole number in {}", spec.allowed);
    case SettingType::choice: {
        std::string choices(spec.allowed);
        std::ranges::replace(choices, '|', ' ');
        return fmt::format("one of: {}", choices);
    }
    default:
        return "text";
    }
}

bool is_list(SettingType type) {
    return type == SettingType::paths || type == SettingType::names;
}

/// Of a list, as it is written in one line.
std::vector<std::string> items_of(const SettingSpec& spec, std::string_view value) {
    std::vector<std::string> items;
    if (!is_list(spec.type)) return items;
    const char separator = spec.type == SettingType::paths ? ':' : ',';
    for (const std::string_view part : split(value, separator)) {
        if (!trim(part).empty()) items.emplace_back(trim(part));
    }
    return items;
}

std::size_t index_of(Setting setting) {
    return static_cast<std::size_t>(setting);
}

} // namespace

std::span<const SettingSpec> setting_specs() {
    return specs;
}

Settings::Settings() {
    for (const SettingSpec& spec : specs)
        values_[index_of(spec.setting)] = {std::string(spec.default_value),
                                           items_of(spec, spec.default_value), "default"};
}

namespace {

Result<const SettingSpec*> find_spec(std::string_view name, std::string_view origin) {
    const auto spec = std::ranges::find(specs, name, &SettingSpec::name);
    if (spec != specs.end()) return &*spec;
    std::vector<std::string_view> names;
    names.reserve(specs.size());
    for (const SettingSpec& known : specs) names.push_back(known.name);
    return fail(ErrorKind::config,
                fmt::format("{}: unknown key \"{}\"{}", origin, escape_for_terminal(name),
                            did_you_mean(name, names)));
}

} // namespace

Result<void> Settings::set(std::string_view name, std::string_view value, std::string_view origin) {
    TRY_ASSIGN(const auto spec, find_spec(name, origin));
    if (!accepts(*spec, value))
        return fail(ErrorKind::config, fmt::format("{}: {} is \"{}\", expected {}", origin, name,
                                                   escape_for_terminal(value), expectation(*spec)));
    Value& held = values_[index_of(spec->setting)];
    held = {std::string(value), items_of(*spec, value), std::string(origin)};
    return {};
}

Result<void> Settings::set_list(std::string_view name, const std::vector<std::string>& values,
                                std::string_view origin) {
    TRY_ASSIGN(const auto spec, find_spec(name, origin));
    if (!is_list(spec->type))
        return fail(ErrorKind::config,
                    fmt::format("{}: {} takes one value, not a list; expected {}", origin, name,
                                expectation(*spec)));
    values_[index_of(spec->setting)] = {{}, values, std::string(origin)};
    return {};
}

const std::string& Settings::text(Setting setting) const {
    return values_[index_of(setting)].text;
}

std::filesystem::path Settings::path(Setting setting) const {
    return text(setting);
}

std::vector<std::filesystem::path> Settings::paths(Setting setting) const {
    const std::vector<std::string>& list = values_[index_of(setting)].list;
    return {list.begin(), list.end()};
}

const std::vector<std::string>& Settings::list(Setting setting) const {
    return values_[index_of(setting)].list;
}

std::chrono::nanoseconds Settings::duration(Setting setting) const {
    return parse_duration(text(setting)).value_or(std::chrono::nanoseconds{0});
}

std::uint64_t Settings::size(Setting setting) const {
    return parse_size(text(setting)).value_or(0);
}

std::uint64_t Settings::number(Setting setting) const {
    return parse_number(text(setting)).value_or(0);
}

const std::string& Settings::origin(Setting setting) const {
    return values_[index_of(setting)].origin;
}

} // namespace minewarden
