// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/keys/curve_key.h"
#include "common/result.h"

#include <string>
#include <zmq.hpp>

namespace minewarden::collector {

/// Connects to the collector's own endpoint with a key that nobody enrolled and waits to be turned
/// away. An error (kind internal) means that the allow-list does not hold: nothing may be served.
Result<void> prove_that_unknown_keys_are_refused(zmq::context_t& context,
                                                 const std::string& endpoint,
                                                 const CurvePublicKey& collector);

} // namespace minewarden::collector
