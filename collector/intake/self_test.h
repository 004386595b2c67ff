// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/keys/curve_key.h"
#include "common/result.h"

#include <string>
#include <zmq.hpp>

namespace minewarden::collector {

/// Connects to the collector's own endpoint with an unenrolled key and waits for the refusal. An
/// error (kind internal) means that the allow-list does not work: the collector must not serve.
Result<void> prove_that_unknown_keys_are_refused(zmq::context_t& context,
                                                 const std::string& endpoint,
                                                 const CurvePublicKey& collector);

} // namespace minewarden::collector
