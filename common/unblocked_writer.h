// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"

#include <string_view>

namespace minewarden {

/// Writes to a descriptor such as stdout or stderr without waiting for its reader. The flags of the
/// descriptor stay as they are, because other processes may share them: a pipe or a terminal is
/// opened again for this writer. Open it before privileges are dropped: opening again can need
/// them.
class UnblockedWriter {
  public:
    /// `fd` stays open as long as the writer is used.
    explicit UnblockedWriter(int fd);

    /// Writes as much as goes at once and returns how many bytes that was: 0 while the reader does
    /// not read. The error is that of errno; EPIPE when the reader is gone. Needs SIGPIPE ignored.
    Result<std::size_t, int> write(std::string_view bytes) const;

    /// To poll for POLLOUT.
    [[nodiscard]] int fd() const { return own_ ? own_.get() : fd_; }

  private:
    enum class Kind { plain, socket, shared };

    int fd_;
    Fd own_;
    Kind kind_ = Kind::plain;
};

} // namespace minewarden
