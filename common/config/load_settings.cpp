// SPDX-License-Identifier: Apache-2.0
#include "common/config/settings.h"
#include "common/file.h"
#include "common/text.h"
#include "common/yaml/document.h"

#include <fmt/core.h>

#include <algorithm>
#include <unistd.h>

namespace minewarden {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view environment_prefix = "MINEWARDEN_";

/// Sets one key from a scalar or a sequence of scalars.
Result<void> apply_node(const std::string& name, const yaml::Node& node, const std::string& origin,
                        Settings& settings) {
    if (node.kind == yaml::NodeKind::scalar) return settings.set(name, node.scalar, origin);
    std::vector<std::string> values;
    for (const yaml::Node& item : node.items) {
        if (item.kind == yaml::NodeKind::scalar) values.push_back(item.scalar);
    }
    if (node.kind != yaml::NodeKind::sequence || values.size() != node.items.size())
        return fail(ErrorKind::config,
                    fmt::format("{}: {} must be a value or a list of values", origin, name));
    return settings.set_list(name, values, origin);
}

Result<void> apply_file(const fs::path& path, Settings& settings) {
    auto source = read_file(path, yaml::maximum_bytes);
    if (!source) {
        return fail(ErrorKind::config, source.error().message);
    }
    const auto document = yaml::parse(std::move(*source), path.string());
    if (!document) return fail(yaml::to_error(document.error()));
    yaml::Diagnostics problems;
    const auto report = [&](yaml::Mark mark, std::string message) {
        problems.push_back({document->file, mark, std::move(message)});
    };
    if (document->root.kind != yaml::NodeKind::map)
        report(document->root.mark, "expected a map of sections");
    for (const yaml::Node::Entry& section : document->root.entries) {
        if (section.value.kind != yaml::NodeKind::map) {
            report(section.value.mark,
                   fmt::format("section \"{}\" must be a map of keys", section.key));
            continue;
        }
        for (const yaml::Node::Entry& entry : section.value.entries) {
            const std::string name = section.key + "." + entry.key;
            const std::string origin =
                fmt::format("{}:{}:{}", path.string(), entry.key_mark.line, entry.key_mark.column);
            if (auto set = apply_node(name, entry.value, origin, settings); !set)
                report(entry.key_mark, set.error().message.substr(origin.size() + 2));
        }
    }
    if (!problems.empty()) return fail(yaml::to_error(problems));
    return {};
}

Result<void> apply_drop_ins(const fs::path& directory, Settings& settings) {
    TRY_ASSIGN(const auto files, list_yaml_files(directory));
    for (const fs::path& file : files) {
        Settings changed = settings;
        if (const auto applied = apply_file(file, changed))
            settings = std::move(changed);
        else
            settings.add_problem(applied.error().message);
    }
    for (const fs::path& file : list_misnamed_files(directory))
        settings.add_problem(
            fmt::format("{}: not read, because its name does not end in .yaml", file.string()));
    return {};
}

/// MINEWARDEN_AGENT_KEY_FILE -> agent.key_file. Section names have no underscore, keys may.
Result<void> apply_environment(const std::vector<std::string>& environment, Settings& settings) {
    for (const std::string& variable : environment) {
        const std::size_t equals = variable.find('=');
        if (!variable.starts_with(environment_prefix) || equals == std::string::npos) continue;
        const std::string origin = variable.substr(0, equals);
        std::string name = origin.substr(environment_prefix.size());
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        if (const std::size_t at = name.find('_'); at != std::string::npos) name[at] = '.';
        TRY(settings.set(name, variable.substr(equals + 1), origin));
    }
    return {};
}

Result<void> apply_overrides(const std::vector<std::string>& overrides, Settings& settings) {
    for (const std::string& text : overrides) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos)
            return fail(ErrorKind::usage,
                        fmt::format("-o {}: expected key=value", escape_for_terminal(text)));
        TRY(settings.set(text.substr(0, equals), text.substr(equals + 1), "-o"));
    }
    return {};
}

} // namespace

std::vector<std::string> process_environment() {
    std::vector<std::string> variables;
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
        variables.emplace_back(*variable);
    return variables;
}

Result<Settings> load_settings(const SettingSources& sources) {
    Settings settings;
    std::error_code error;
    if (fs::exists(sources.vendor_file, error)) {
        TRY(apply_file(sources.vendor_file, settings));
    }
    if (sources.main_file_required || fs::exists(sources.main_file, error)) {
        TRY(apply_file(sources.main_file, settings));
    }
    const fs::path drop_ins = sources.main_file.parent_path() / "conf.d";
    TRY(apply_drop_ins(drop_ins, settings));
    TRY(apply_environment(sources.environment, settings));
    TRY(apply_overrides(sources.overrides, settings));
    return settings;
}

} // namespace minewarden
