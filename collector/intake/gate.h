// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/counters/counters.h"
#include "collector/enrolment/allow_list.h"
#include "common/wakeup.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
#include <zmq.hpp>

namespace minewarden::collector {

/// A part that stands before libzmq (door/door.h) and knows where connections really come from.
class Admission {
  public:
    enum class Answer {
        admitted,
        kept_out, ///< the key came with deaths of the intake
        gone      ///< the connection has ended meanwhile, or did not come this way
    };
    virtual ~Admission() = default;
    /// Whether the connection that libzmq sees as coming from `seen` may have this enrolled key.
    virtual Answer admit(std::string_view seen, const CurvePublicKey& key) = 0;
    /// The address to show for it.
    [[nodiscard]] virtual std::string address_of(std::string_view seen) const = 0;
};

/// The ZAP handler (RFC 27): accepts only CURVE connections with an enrolled key, which then
/// identifies the agent in every message (User-Id). Also watches the handshakes of the intake's
/// socket.
///
/// Open it before the intake's socket binds: without a handler libzmq accepts every key.
class Gate {
  public:
    /// Handles all connections of `context`, in its own thread. All of them outlive the gate.
    /// `admission`: nullptr if agents connect to libzmq directly.
    static Result<std::unique_ptr<Gate>> open(zmq::context_t& context, const AllowList& allow_list,
                                              Counters& counters, Admission* admission = nullptr);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    /// For the self-test: logs no refusals, and leaves the decision to the allow-list alone.
    void set_quiet(bool quiet) { is_quiet_ = quiet; }

    /// Endpoint for the socket's handshake events (zmq_socket_monitor, before it binds).
    static constexpr const char* monitor_endpoint = "inproc://intake-monitor";

  private:
    Gate(zmq::context_t& context, const AllowList& allow_list, Counters& counters,
         Admission* admission);
    void run();
    void answer();
    void note_handshake();
    [[nodiscard]] std::string_view refusal_of(const std::vector<zmq::message_t>& request);
    void log_refusal(const std::vector<zmq::message_t>& request, std::string_view reason);

    const AllowList& allow_list_;
    Counters& counters_;
    Admission* admission_;
    zmq::socket_t requests_;
    zmq::socket_t monitor_;
    std::atomic<bool> is_quiet_{false};
    std::chrono::steady_clock::time_point next_log_;
    std::uint64_t not_logged_ = 0;
    Wakeup stop_;
    std::thread thread_;
};

} // namespace minewarden::collector
