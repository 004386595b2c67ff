// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace minewarden::cli {

/// A child process. It is stopped with this object.
class ChildProcess {
  public:
    /// stderr (and stdout, unless `read_output`) go to `log`.
    static Result<ChildProcess> start(const std::filesystem::path& program,
                                      std::vector<std::string> arguments,
                                      const std::filesystem::path& log, bool read_output);
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&&) = delete;
    /// Calls stop().
    ~ChildProcess();

    [[nodiscard]] pid_t pid() const { return pid_; }
    /// The status of wait(2) if it has ended.
    std::optional<int> exit_status();
    /// The next line of its stdout, without the newline; nullopt at the end or after `timeout`.
    std::optional<std::string> read_line(std::chrono::milliseconds timeout);
    /// Sends SIGTERM, and SIGKILL after three seconds. Waits for the end.
    void stop();

  private:
    ChildProcess(pid_t pid, Fd output) : pid_(pid), output_(std::move(output)) {}
    pid_t pid_ = -1;
    Fd output_;
    std::string pending_;
    std::optional<int> status_;
};

} // namespace minewarden::cli
