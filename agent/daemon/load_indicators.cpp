// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/load_indicators.h"

namespace minewarden::agent {

Result<std::shared_ptr<const rules::IndicatorSet>> load_indicators(const Settings& settings) {
    std::vector<std::filesystem::path> paths = settings.paths(Setting::agent_intel);
    if (paths.empty()) {
        for (const std::filesystem::path& directory :
             {shared_data_directory() / "intel",
              std::filesystem::path("/etc/minewarden/intel.d")}) {
            std::error_code error;
            if (std::filesystem::is_directory(directory, error)) paths.push_back(directory);
        }
    }
    TRY_ASSIGN(auto files, read_yaml_files(paths, yaml::maximum_bytes));
    auto lists = rules::IndicatorSet::load(std::move(files));
    if (!lists) return fail(yaml::to_error(lists.error()));
    return std::move(*lists);
}

} // namespace minewarden::agent
