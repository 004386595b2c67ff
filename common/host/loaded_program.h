// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden {

/// A dynamic loader can be executed itself, with a program as its argument: then /proc/PID/exe is
/// the loader. Arguments are not read: the program is one of the files that the process has mapped
/// to execute.

/// True for the usual file names: ld-linux-x86-64.so.2, ld-2.31.so, ld-musl-x86_64.so.1, ld.so, and
/// musl's libc.so, which is its own loader. `path` may end in " (deleted)".
[[nodiscard]] bool has_loader_name(std::string_view path);

/// True if this is the beginning of an ELF file with the DT_SONAME of a loader and no interpreter
/// of its own, so a loader under any file name. `elf` must hold the dynamic section.
[[nodiscard]] bool is_loader_file(std::string_view elf);

/// The path of the program in the content of a maps file (proc(5)): a file mapped to execute that
/// is not the loader. If there are several, one that has no library's name, and of those the one
/// that the loader mapped first. "" if there is none. May end in " (deleted)"; valid UTF-8.
[[nodiscard]] std::string find_loaded_program(std::string_view maps, std::string_view loader);

struct LoadedProgram {
    std::string loader;  ///< as read_executable
    std::string program; ///< "" if not known
};
/// nullopt if the process was not started through a loader, is gone, is ending, or its pid is
/// another's now.
[[nodiscard]] std::optional<LoadedProgram> read_loaded_program(pid_t pid,
                                                               std::uint64_t start_boottime_ns);

} // namespace minewarden
