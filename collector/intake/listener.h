// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/endpoint.h"
#include "common/keys/curve_key.h"
#include "common/result.h"

#include <string>
#include <vector>
#include <zmq.hpp>

namespace minewarden::collector {

struct Listener {
    zmq::socket_t socket;
    std::vector<std::string> endpoints; ///< as bound
};

/// Parses an endpoint of collector.listen. Errors have kind config.
Result<Endpoint> listening_endpoint(const std::string& text);

/// A ROUTER socket that accepts only CURVE, bound to tcp:// and ipc:// endpoints. Refuses the other
/// transports of libzmq (kind config), because CURVE does not protect them. REQUIRES: a Gate is
/// open in `context`
Result<Listener> listen(zmq::context_t& context, const std::vector<std::string>& endpoints,
                        const CurveKeyPair& keys);

} // namespace minewarden::collector
