// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/commit/turn_sink.h"
#include "collector/counters/counters.h"
#include "collector/enrolment/allow_list.h"
#include "collector/intake/gate.h"
#include "collector/intake/quotas.h"
#include "collector/intake/suspects/suspects.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>
#include <zmq.hpp>

namespace minewarden::collector {

struct IntakeOptions {
    std::vector<std::string> endpoints; ///< tcp:// or ipc:// only
    CurveKeyPair keys;
    QuotaLimits quotas = {};
    bool is_restart = false; ///< an intake process before this one died
    bool is_shared = false;  ///< other collectors use the same database
    /// Called with the bound endpoints after the self-test. Empty: agents connect to them.
    std::function<void(const std::vector<std::string>&)> open_to_agents = {};
    /// Records the key whose message is being read; nullptr: not recorded.
    Suspects* suspects = nullptr;
};

/// Receives, stores and acknowledges what agents send, in its own threads (docs/transport.md).
///
/// It works in turns: messages that arrive during a commit, up to a bound, become the next commit
/// and are acknowledged after it. While the store fails (disk full), it reads a turn or two ahead
/// and acknowledges nothing: agents keep their outbox.
class Intake {
  public:
    /// Binds, checks that unknown keys are refused, and serves. `gate` is open in `context`. All
    /// references outlive the intake. `sink` is used by the intake's thread only. Errors: `config`
    /// for an unusable endpoint, `internal` if the self-test fails.
    static Result<std::unique_ptr<Intake>> start(const IntakeOptions& options,
                                                 zmq::context_t& context, Gate& gate,
                                                 const AllowList& allow_list, TurnSink& sink,
                                                 Counters& counters);
    /// Finishes the current commit and stops.
    ~Intake();
    Intake(const Intake&) = delete;
    Intake& operator=(const Intake&) = delete;

    /// The bound endpoints, with actual ports and addresses.
    [[nodiscard]] const std::vector<std::string>& endpoints() const { return endpoints_; }

  private:
    class Loop;
    Intake(std::unique_ptr<Loop> loop, std::vector<std::string> endpoints);

    std::vector<std::string> endpoints_;
    std::unique_ptr<Loop> loop_;
    std::thread thread_;
};

} // namespace minewarden::collector
