// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/load_indicators.h"

#include "agent/daemon/good_files.h"

namespace minewarden::agent {

Result<std::shared_ptr<const rules::IndicatorSet>>
load_indicators(const Settings& settings, std::vector<std::string>& problems) {
    std::vector<std::filesystem::path> paths = settings.paths(Setting::agent_intel);
    if (paths.empty()) {
        for (const std::filesystem::path& directory :
             {shared_data_directory() / "intel",
              std::filesystem::path("/etc/minewarden/intel.d")}) {
            std::error_code error;
            if (std::filesystem::is_directory(directory, error)) paths.push_back(directory);
        }
    }
    auto lists = load_good_files(
        read_good_files(paths, problems),
        [](const auto& good) { return rules::IndicatorSet::load(good); }, problems);
    if (!lists) return fail(yaml::to_error(lists.error()));
    return std::move(*lists);
}

} // namespace minewarden::agent
