// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/keys/curve_key.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace minewarden::fleet {

struct Target {
    std::string endpoint;
    CurvePublicKey collector;
};

/// What one honest agent saw.
struct HonestResult {
    std::uint64_t acknowledged = 0;   ///< findings
    std::uint64_t connections = 0;    ///< Hello that was answered
    std::vector<double> latencies_ms; ///< from sending a batch to its acknowledgement
};

/// Sends findings at a rate, as the real agent does: Hello, batches, and from the beginning of what
/// is not acknowledged whenever the connection ends, a message is refused or nothing is answered
/// for two seconds. Returns once everything it sent in `duration` is acknowledged, or a minute
/// later.
HonestResult run_honest_agent(const Target& target, const CurveKeyPair& keys,
                              std::uint64_t findings_per_second, std::chrono::seconds duration);

} // namespace minewarden::fleet
