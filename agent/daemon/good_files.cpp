// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/good_files.h"

#include <fmt/core.h>

namespace minewarden::agent {

namespace fs = std::filesystem;

std::vector<TextFile> read_good_files(std::span<const fs::path> paths,
                                      std::vector<std::string>& problems) {
    std::vector<TextFile> files;
    const auto read = [&](const fs::path& path) {
        if (auto content = read_file(path, yaml::maximum_bytes))
            files.push_back({path.string(), std::move(*content)});
        else
            problems.push_back(content.error().message);
    };
    for (const fs::path& path : paths) {
        std::error_code error;
        if (!fs::is_directory(path, error)) {
            read(path);
            continue;
        }
        if (const auto listed = list_yaml_files(path))
            std::ranges::for_each(*listed, read);
        else
            problems.push_back(listed.error().message);
        for (const fs::path& file : list_misnamed_files(path))
            problems.push_back(
                fmt::format("{}: not read, because its name does not end in .yaml", file.string()));
    }
    return files;
}

} // namespace minewarden::agent
