// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/load_rules.h"

#include "agent/daemon/good_files.h"

namespace minewarden::agent {
namespace {

namespace fs = std::filesystem;
using SharedRules = std::shared_ptr<const rules::RuleSet>;

fs::path shipped_pack() {
    return shared_data_directory() / "rules";
}

/// All files of `paths`, or the first error.
Result<std::vector<TextFile>> read_all(std::span<const fs::path> paths) {
    TRY_ASSIGN(auto files, read_yaml_files(paths, yaml::maximum_bytes));
    if (files.empty())
        return fail(ErrorKind::config, "no rule file in " + paths.front().string() +
                                           "; name a directory with --rules");
    return files;
}

Result<SharedRules> load_all(std::span<const fs::path> paths) {
    TRY_ASSIGN(auto files, read_all(paths));
    auto rules = rules::RuleSet::load(std::move(files));
    if (!rules) return fail(yaml::to_error(rules.error()));
    return std::move(*rules);
}

} // namespace

Result<SharedRules> load_rules(const Settings& settings, std::span<const fs::path> given,
                               std::vector<std::string>& problems) {
    if (!given.empty()) return load_all(given);
    std::vector<TextFile> files;
    std::vector<fs::path> extra = settings.paths(Setting::agent_rules);
    if (extra.empty()) {
        const fs::path shipped = shipped_pack();
        TRY_ASSIGN(files, read_all(std::span(&shipped, 1)));
        extra.emplace_back("/etc/minewarden/rules.d");
        std::error_code error;
        if (!fs::is_directory(extra.front(), error)) extra.clear();
    }
    std::ranges::move(read_good_files(extra, problems), std::back_inserter(files));
    auto rules = load_good_files(
        std::move(files), [](const auto& good) { return rules::RuleSet::load(good); }, problems);
    if (!rules) return fail(yaml::to_error(rules.error()));
    if (!(*rules)->rules().empty()) return std::move(*rules);
    problems.emplace_back("no rule is left in agent.rules: the shipped ones are in force");
    const fs::path shipped = shipped_pack();
    return load_all(std::span(&shipped, 1));
}

} // namespace minewarden::agent
