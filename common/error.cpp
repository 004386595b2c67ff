// SPDX-License-Identifier: Apache-2.0
#include "common/error.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>

namespace minewarden {

std::string errno_text(int errno_value) {
    const char* known = ::strerrordesc_np(errno_value);
    std::string text = known != nullptr ? known : "unknown error " + std::to_string(errno_value);
    if (errno_value == EMFILE) {
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        text += "; this process may have " + std::to_string(limit.rlim_cur) +
                " descriptors (LimitNOFILE= in its unit, or ulimit -n)";
    }
    if (errno_value == ENFILE) text += "; this host has no descriptor left (sysctl fs.file-max)";
    return text;
}

Error system_error(ErrorKind kind, std::string_view what, int errno_value) {
    if (errno_value == EACCES || errno_value == EPERM) kind = ErrorKind::permission;
    std::string message(what);
    message += ": ";
    message += errno_text(errno_value);
    return Error{kind, std::move(message)};
}

} // namespace minewarden
