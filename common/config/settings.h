// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden {

/// Every setting of the agent and the collector. The table in settings.cpp gives names, types,
/// defaults and help; docs/configuration.md is checked against it.
enum class Setting : std::size_t {
    agent_collector,
    agent_collector_key,
    agent_disabled_hooks,
    agent_heartbeat,
    agent_intel,
    agent_key,
    agent_name,
    agent_outbox_limit,
    agent_outbox_sync,
    agent_output,
    agent_rules,
    agent_syscall_sampling,
    agent_window,
    api_socket,
    collector_database,
    collector_enrolled,
    collector_key,
    collector_listen,
    collector_recompute_sample,
    collector_records_per_minute,
    collector_streams_per_hour,
    log_format,
    log_level,
    retention_agents,
    retention_findings,
    retention_findings_size,
    retention_gaps,
    retention_gaps_size,
    retention_rule_sets,
    retention_rule_sets_size,
    retention_visibility,
    retention_visibility_size,
    state_dir,
    count,
};

enum class SettingType {
    text,
    path,
    paths,    ///< a list; separated by ':' in the environment and in flags
    names,    ///< a list of words; separated by ',' in the environment and in flags
    duration, ///< 250ms, 10s, 5m
    size,     ///< bytes, or with a suffix: 64K, 16M, 2G
    number,   ///< whole, not negative
    choice,
};

struct SettingSpec {
    Setting setting;
    std::string_view name; ///< "section.key"
    SettingType type;
    std::string_view default_value;
    std::string_view allowed; ///< choices separated by '|', or "minimum..maximum" for durations,
                              ///< sizes and numbers
    std::string_view help;
};

[[nodiscard]] std::span<const SettingSpec> setting_specs();

/// The settings after all layers. Every value is valid for its type.
class Settings {
  public:
    /// All settings have their defaults.
    Settings();

    /// Replaces one value. Errors (kind config) name the key, `origin` and what was expected.
    Result<void> set(std::string_view name, std::string_view value, std::string_view origin);

    /// The same for a list; only for settings of type `paths` or `names`.
    Result<void> set_list(std::string_view name, const std::vector<std::string>& values,
                          std::string_view origin);

    [[nodiscard]] const std::string& text(Setting setting) const;
    [[nodiscard]] std::filesystem::path path(Setting setting) const;
    [[nodiscard]] std::vector<std::filesystem::path> paths(Setting setting) const;
    /// REQUIRES: type `names`.
    [[nodiscard]] const std::vector<std::string>& list(Setting setting) const;
    [[nodiscard]] std::chrono::nanoseconds duration(Setting setting) const;
    [[nodiscard]] std::uint64_t size(Setting setting) const;
    [[nodiscard]] std::uint64_t number(Setting setting) const;
    /// Where the value came from: "default", "file:line:column", "MINEWARDEN_...", "-o".
    [[nodiscard]] const std::string& origin(Setting setting) const;

    /// Drop-ins that were left out because they are wrong: a message with file:line:column each.
    [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
    void add_problem(std::string problem) { problems_.push_back(std::move(problem)); }

  private:
    struct Value {
        std::string text;
        std::vector<std::string> list; ///< for types paths and names
        std::string origin;
    };
    std::array<Value, static_cast<std::size_t>(Setting::count)> values_;
    std::vector<std::string> problems_;
};

/// Where settings come from, lowest precedence first: defaults, vendor file, main file, drop-ins
/// beside the main file (the YAML files of conf.d in name order), environment, overrides.
struct SettingSources {
    std::filesystem::path vendor_file = "/usr/lib/minewarden/minewarden.yaml";
    std::filesystem::path main_file = "/etc/minewarden/minewarden.yaml";
    bool main_file_required = false;      ///< true if the user named it
    std::vector<std::string> environment; ///< NAME=value; only MINEWARDEN_* are looked at
    std::vector<std::string> overrides;   ///< key=value of -o
};

[[nodiscard]] std::vector<std::string> process_environment();

/// Unknown and duplicate keys, wrong types and unreadable files are errors of kind config that name
/// file:line:column (or the variable, or -o) and the nearest known key. A drop-in with such an
/// error is left out whole and becomes one of Settings::problems(): one bad extra file must not
/// leave a host unwatched.
Result<Settings> load_settings(const SettingSources& sources);

} // namespace minewarden
