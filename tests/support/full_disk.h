// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/resource.h>

#include <csignal>

namespace minewarden {

/// While it lives, this process cannot write more than the first bytes of a file: writes fail as on
/// a full disk.
class FullDisk {
  public:
    explicit FullDisk(rlim_t writable_bytes = 8) {
        old_handler_ = ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &old_limit_);
        const rlimit small{writable_bytes, old_limit_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &old_limit_);
        ::signal(SIGXFSZ, old_handler_);
    }

  private:
    rlimit old_limit_{};
    sighandler_t old_handler_ = SIG_DFL;
};

} // namespace minewarden
