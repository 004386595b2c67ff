// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"

#include <sys/eventfd.h>

#include <cstdint>

namespace minewarden::collector {

/// A descriptor to poll that another thread can make readable.
class Wakeup {
  public:
    Wakeup() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    [[nodiscard]] int fd() const { return fd_.get(); }
    void set() {
        const std::uint64_t one = 1;
        (void)!::write(fd_.get(), &one, sizeof one);
    }
    void clear() {
        std::uint64_t count = 0;
        // It never blocks. NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection)
        (void)!::read(fd_.get(), &count, sizeof count);
    }

  private:
    Fd fd_;
};

} // namespace minewarden::collector
