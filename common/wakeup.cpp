// SPDX-License-Identifier: Apache-2.0
#include "common/wakeup.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace minewarden {

Wakeup::Wakeup() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!fd_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Wakeup::set() const noexcept {
    const std::uint64_t one = 1;
    // It fails only when the counter is full, and then the descriptor is readable already.
    (void)!::write(fd_.get(), &one, sizeof one);
}

void Wakeup::clear() const noexcept {
    std::uint64_t count = 0;
    // It never blocks. NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection)
    (void)!::read(fd_.get(), &count, sizeof count);
}

} // namespace minewarden
