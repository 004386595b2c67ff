// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/file.h"
#include "common/yaml/document.h"

#include <algorithm>
#include <set>

namespace minewarden::agent {

/// Reads the YAML files of the directories and the files among `paths`. A file that cannot be read
/// becomes one of `problems`, as does one with a name that is not read (list_misnamed_files()).
[[nodiscard]] std::vector<TextFile> read_good_files(std::span<const std::filesystem::path> paths,
                                                    std::vector<std::string>& problems);

/// Loads the files without those that are wrong, each of which becomes one of `problems`: one bad
/// extra file must not leave a host unwatched. `load` takes the files and returns a Result with
/// yaml::Diagnostics. Fails only if the diagnostics name none of the files.
template <class Load>
[[nodiscard]] auto load_good_files(std::vector<TextFile> files, Load load,
                                   std::vector<std::string>& problems) {
    for (;;) {
        auto loaded = load(files);
        if (loaded) return loaded;
        std::set<std::string> bad;
        for (const yaml::Diagnostic& diagnostic : loaded.error()) bad.insert(diagnostic.file);
        const auto left =
            std::erase_if(files, [&](const TextFile& file) { return bad.contains(file.name); });
        if (left == 0) return loaded;
        for (const yaml::Diagnostic& diagnostic : loaded.error())
            problems.push_back(yaml::to_error({diagnostic}).message);
    }
}

} // namespace minewarden::agent
