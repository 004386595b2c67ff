// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/intake/allow_list.h"
#include "collector/intake/counters.h"
#include "common/wakeup.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>
#include <zmq.hpp>

namespace minewarden::collector {

/// Answers ZeroMQ's question whether a connection may come in (ZAP, RFC 27): only by CURVE and only
/// with an enrolled key, which then names the agent in every message (User-Id). It also watches the
/// handshakes of the intake's socket and the directory of enrolments.
///
/// It must be open before the intake's socket binds: without a handler libzmq lets every key in.
class Gate {
  public:
    /// Handles all of `context`, in a thread of its own. All three outlive the gate.
    static Result<std::unique_ptr<Gate>> open(zmq::context_t& context, AllowList& allow_list,
                                              Counters& counters);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    /// Refusals are logged, but not those that the self-test causes.
    void set_quiet(bool quiet) { is_quiet_ = quiet; }

    /// Where the handshakes of the watched socket are told (zmq_socket_monitor, before it binds).
    static constexpr const char* monitor_endpoint = "inproc://intake-monitor";

  private:
    Gate(zmq::context_t& context, AllowList& allow_list, Counters& counters);
    void run();
    void answer();
    void note_handshake();
    [[nodiscard]] bool is_admitted(const std::vector<zmq::message_t>& request) const;
    void log_refusal(const std::vector<zmq::message_t>& request);

    AllowList& allow_list_;
    Counters& counters_;
    zmq::socket_t requests_;
    zmq::socket_t monitor_;
    std::atomic<bool> is_quiet_{false};
    std::chrono::steady_clock::time_point next_log_;
    std::uint64_t not_logged_ = 0;
    Wakeup stop_;
    std::thread thread_;
};

} // namespace minewarden::collector
