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

/// The ZAP handler (RFC 27): accepts only CURVE connections with an enrolled key, which then
/// identifies the agent in every message (User-Id). Also watches the handshakes of the intake's
/// socket and the directory of enrolments.
///
/// Open it before the intake's socket binds: without a handler libzmq accepts every key.
class Gate {
  public:
    /// Handles all connections of `context`, in its own thread. All three outlive the gate.
    static Result<std::unique_ptr<Gate>> open(zmq::context_t& context, AllowList& allow_list,
                                              Counters& counters);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    /// Logs refusals, except those of the self-test.
    void set_quiet(bool quiet) { is_quiet_ = quiet; }

    /// Endpoint for the socket's handshake events (zmq_socket_monitor, before it binds).
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
