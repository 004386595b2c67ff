// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/load_rules.h"

#include "common/yaml/document.h"

namespace minewarden::agent {

Result<std::shared_ptr<const rules::RuleSet>>
load_rules(const Settings& settings, std::span<const std::filesystem::path> given) {
    std::vector<std::filesystem::path> paths(given.begin(), given.end());
    if (paths.empty()) paths = settings.paths(Setting::agent_rules);
    if (paths.empty()) {
        paths.push_back(shared_data_directory() / "rules");
        const std::filesystem::path local = "/etc/minewarden/rules.d";
        std::error_code error;
        if (std::filesystem::is_directory(local, error)) paths.push_back(local);
    }
    TRY_ASSIGN(auto files, read_yaml_files(paths, yaml::maximum_bytes));
    if (files.empty())
        return fail(ErrorKind::config, "no rule file in " + paths.front().string() +
                                           "; name a directory with --rules");
    auto rules = rules::RuleSet::load(std::move(files));
    if (!rules) return fail(yaml::to_error(rules.error()));
    return std::move(*rules);
}

} // namespace minewarden::agent
