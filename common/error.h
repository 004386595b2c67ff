// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace minewarden {

/// What went wrong, as the exit code tells it (sysexits.h; docs/cli.md has the table).
enum class ErrorKind {
    usage = 64,       ///< wrong arguments
    data = 65,        ///< input that cannot be understood
    unavailable = 69, ///< something needed is not there or does not answer
    internal = 70,    ///< a defect, or a resource of this program ran out
    permission = 77,  ///< not allowed
    config = 78,      ///< configuration or rules that cannot be used
};

/// An error for people: names the thing, the cause and, where there is one, the next step.
struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string message;
};

/// "<what>: <text of errno>". EACCES and EPERM become `permission` whatever kind is given.
[[nodiscard]] Error system_error(ErrorKind kind, std::string_view what, int errno_value);

[[nodiscard]] constexpr int exit_code(ErrorKind kind) {
    return static_cast<int>(kind);
}

} // namespace minewarden
