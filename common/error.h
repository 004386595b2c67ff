// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace minewarden {

/// Kinds of errors. The values are exit codes (sysexits.h; table in docs/cli.md).
enum class ErrorKind {
    usage = 64,       ///< wrong arguments
    data = 65,        ///< invalid input
    unavailable = 69, ///< something needed is missing or does not answer
    internal = 70,    ///< a defect, or this program ran out of a resource
    permission = 77,  ///< not allowed
    config = 78,      ///< invalid configuration or rules
};

/// An error. The message is for users: it names the object, the cause and the next step, if any.
struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string message;
};

/// The text of errno. If descriptors ran out, it names the limit and where to raise it.
[[nodiscard]] std::string errno_text(int errno_value);

/// "<what>: <errno_text>". EACCES and EPERM always give kind `permission`.
[[nodiscard]] Error system_error(ErrorKind kind, std::string_view what, int errno_value);

[[nodiscard]] constexpr int exit_code(ErrorKind kind) {
    return static_cast<int>(kind);
}

} // namespace minewarden
