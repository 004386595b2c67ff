// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <sys/types.h>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden {

/// Reads a whole file, also from /proc, where the size is unknown. Errors: data if it is larger
/// than `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);

struct TextFile {
    std::string name; ///< used in diagnostics and digests
    std::string content;
    bool operator==(const TextFile&) const = default;
};

/// The *.yaml and *.yml files of a directory, by name. Hidden ones are left out, because editors
/// put locks and drafts there. A directory that does not exist has none. Errors have kind config.
Result<std::vector<std::filesystem::path>> list_yaml_files(const std::filesystem::path& directory);

/// Files of a directory that list_yaml_files() leaves out, though their names look as if they were
/// meant: x.YAML, x.conf, x.json and the like. Not backups (x.yaml~, x.yaml.bak) and READMEs.
[[nodiscard]] std::vector<std::filesystem::path>
list_misnamed_files(const std::filesystem::path& directory);

/// Reads the YAML files of the directories (list_yaml_files()) and the files among `paths`. A path
/// that does not exist is an error, kind config; an empty directory is none.
Result<std::vector<TextFile>> read_yaml_files(std::span<const std::filesystem::path> paths,
                                              std::size_t limit);

/// Writes a temporary file in the same directory, syncs it and renames it. A reader, or a crash,
/// sees either the old or the new content.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content,
                                   mode_t mode);

/// Creates the directory and its parents. Succeeds if it exists.
Result<void> make_directory(const std::filesystem::path& path, mode_t mode);

/// The directory of the running program, with links resolved.
[[nodiscard]] std::filesystem::path program_directory();

/// The directory of read-only data: <program directory>/../share/minewarden. This is
/// /usr/share/minewarden if installed, and share/ in the build folder otherwise.
[[nodiscard]] std::filesystem::path shared_data_directory();

} // namespace minewarden
