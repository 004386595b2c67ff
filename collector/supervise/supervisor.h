// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/supervise/child.h"
#include "collector/supervise/listening_sockets.h"
#include "collector/supervise/shared_state.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace minewarden::collector {

struct SupervisorOptions {
    std::vector<std::string> listen; ///< endpoints for agents
    /// The command line, without --part. The endpoints as bound are appended for the children.
    std::vector<std::string> arguments;
};

/// Keeps the two processes of a collector running: the store process, which has the database and
/// the API, and the intake process, which has everything that peers send. It reads nothing that
/// comes from either, beyond "ready", and is the only one that may start processes.
///
/// Order: it binds the sockets, starts the store, then the intake, and is ready when both are. A
/// child that dies is started again at once and without limit; one that dies before it is ready, or
/// does nothing for ten seconds and is killed, after a pause. When the store dies, so does the
/// intake, whose channel ends. Agents send again what was not acknowledged.
class Supervisor {
  public:
    /// REQUIRES: this process has one thread. Errors: `config` for an endpoint that cannot be
    /// bound.
    static Result<Supervisor> create(SupervisorOptions options);

    /// Runs until SIGTERM or SIGINT. Returns the exit code: of a child that ended before it was
    /// ever ready, otherwise 0. SIGHUP is passed to the store.
    int run();

  private:
    Supervisor(SupervisorOptions options, std::vector<ListeningSocket> listeners,
               SharedMemory memory);

    /// A part, and its process if it runs.
    struct Seat {
        Part part;
        std::optional<Child> child = {};
        bool was_ready = false; ///< ever
        std::chrono::steady_clock::time_point next_start{};
        std::chrono::milliseconds pause{};
    };
    Result<void> start(Seat& seat);
    Result<void> start_store();
    Result<void> start_intake();
    void start_what_is_due();
    static void handle_ready(Seat& seat);
    std::optional<int> reap();
    std::optional<int> handle_end(Seat& seat, int status);
    void kill_what_hangs();
    void announce();
    void stop_all();

    SupervisorOptions options_;
    std::vector<ListeningSocket> listeners_;
    SharedMemory memory_;
    Seat store_{Part::store};
    Seat intake_{Part::intake};
    bool is_announced_ = false;
    std::chrono::steady_clock::time_point last_look_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point awake_since_ = last_look_;
};

} // namespace minewarden::collector
