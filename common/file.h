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

/// Reads the files among `paths`, and *.yaml and *.yml in the directories among them, in name
/// order. Errors: config if a path does not exist. An empty directory is valid.
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
