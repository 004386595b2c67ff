// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace minewarden::collector {

/// The parts of the collector that have a process of their own.
enum class Part { intake, store };
[[nodiscard]] std::string_view to_string(Part part);
[[nodiscard]] std::optional<Part> part_of(std::string_view name);

/// The descriptors that a child process begins with. Those from `listeners` on are its listening
/// sockets.
namespace child_fd {
constexpr int control = 3; ///< to the supervisor
constexpr int memory = 4;  ///< SharedMemory
constexpr int channel = 5; ///< of the intake, to the store
constexpr int listeners = 6;
} // namespace child_fd

/// A child process: this program again, so that no two of them share the layout of their memory.
/// It dies with the supervisor.
class Child {
  public:
    /// `arguments`: of the whole program. `fds` become child_fd::control and following.
    static Result<Child> start(Part part, const std::vector<std::string>& arguments,
                               const std::vector<int>& fds, Fd control);

    [[nodiscard]] pid_t pid() const { return pid_; }
    /// The supervisor's end of child_fd::control.
    [[nodiscard]] int control() const { return control_.get(); }
    /// It has said that it is ready. Call it when control() is readable.
    bool take_ready();
    [[nodiscard]] bool is_ready() const { return is_ready_; }
    [[nodiscard]] std::chrono::steady_clock::time_point started() const { return started_; }

  private:
    Child(pid_t pid, Fd control)
        : pid_(pid), control_(std::move(control)), started_(std::chrono::steady_clock::now()) {}
    pid_t pid_;
    Fd control_;
    bool is_ready_ = false;
    std::chrono::steady_clock::time_point started_;
};

/// For the child: tells the supervisor that it is ready.
void report_ready();
/// For the store process: waits for the next channel of an intake; nullopt after `timeout`, or when
/// the supervisor is gone.
std::optional<Fd> receive_channel(std::chrono::milliseconds timeout);
/// For the supervisor: passes a channel to the store process.
Result<void> pass_channel(int control, const Fd& channel);

} // namespace minewarden::collector
