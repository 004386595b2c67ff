// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"

namespace minewarden {

/// A descriptor to poll that another thread makes readable: an eventfd. Any thread may call every
/// member; set() may also be called from a signal handler.
class Wakeup {
  public:
    /// Throws std::system_error if the process has no descriptor left.
    Wakeup();

    /// Readable from set() until clear().
    [[nodiscard]] int fd() const { return fd_.get(); }
    void set() const noexcept;
    void clear() const noexcept;

  private:
    Fd fd_;
};

} // namespace minewarden
