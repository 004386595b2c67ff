// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/intake/allow_list.h"
#include "collector/intake/counters.h"
#include "collector/intake/gate.h"
#include "collector/intake/quotas.h"
#include "collector/store/intake_store.h"

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
    /// After each commit that stored something, in the committing thread, which waits for it.
    std::function<void(const Outcome&)> on_commit;
};

/// Receives what agents send, stores it and acknowledges it, in threads of its own
/// (docs/transport.md).
///
/// It works in turns: what came in while the last turn was committed, up to a bound, becomes the
/// next commit, and only then is it acknowledged. While the store fails (disk full) no more than
/// one turn is read ahead and nothing acknowledged: agents keep their outbox.
class Intake {
  public:
    /// Binds, proves that unknown keys are refused, and serves. `gate` is open in
    /// `context`. All references outlive the intake. Errors: `config` for an endpoint that cannot
    /// be used, `internal` where the self-test fails.
    static Result<std::unique_ptr<Intake>> start(IntakeOptions options, zmq::context_t& context,
                                                 Gate& gate, const AllowList& allow_list,
                                                 IntakeStore& store, Counters& counters);
    /// Finishes the commit it is in and stops.
    ~Intake();
    Intake(const Intake&) = delete;
    Intake& operator=(const Intake&) = delete;

    /// As bound: a port 0 or a wildcard is replaced by what it became.
    [[nodiscard]] const std::vector<std::string>& endpoints() const { return endpoints_; }

  private:
    class Loop;
    Intake(std::unique_ptr<Loop> loop, std::vector<std::string> endpoints);

    std::vector<std::string> endpoints_;
    std::unique_ptr<Loop> loop_;
    std::thread thread_;
};

} // namespace minewarden::collector
