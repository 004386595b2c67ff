// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/unblocked_writer.h"
#include "common/wakeup.h"

#include <stop_token>
#include <string>

namespace minewarden {

/// Text for a reader that may stall or go away, such as that of stdout. For a thread that has
/// nothing else to do: it waits for the reader, but can always be stopped. A stall, its end and
/// errors other than a reader that is gone are logged once each.
class PatientOutput {
  public:
    /// `name` is for the log. See UnblockedWriter about `fd` and privileges.
    PatientOutput(int fd, std::string name) : writer_(fd), name_(std::move(name)) {}

    /// True once all of `text` is written. False if the reader is gone, which stays so, or when a
    /// stop is requested and the reader does not take the rest at once. After an error such as a
    /// full disk it goes on where it was, every few seconds.
    bool write(std::string_view text, const std::stop_token& stop);

    [[nodiscard]] bool is_closed() const { return is_closed_; }

  private:
    bool wait_for_reader(const std::stop_token& stop);
    bool wait_after_error(int error, const std::stop_token& stop);
    void note_progress();

    UnblockedWriter writer_;
    std::string name_;
    Wakeup stopped_;
    bool is_closed_ = false;
    bool is_stalled_ = false; ///< and said so
    int last_error_ = 0;      ///< and said so; 0 after progress
};

} // namespace minewarden
