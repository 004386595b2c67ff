// SPDX-License-Identifier: Apache-2.0
#include "common/error.h"

#include <cerrno>
#include <system_error>

namespace minewarden {

Error system_error(ErrorKind kind, std::string_view what, int errno_value) {
    if (errno_value == EACCES || errno_value == EPERM) kind = ErrorKind::permission;
    std::string message(what);
    message += ": ";
    message += std::generic_category().message(errno_value);
    return Error{kind, std::move(message)};
}

} // namespace minewarden
