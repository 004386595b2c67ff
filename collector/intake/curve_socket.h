// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/keys/curve_key.h"

#include <zmq.hpp>

namespace minewarden::collector {

// Setters for binary keys: cppzmq only accepts text. Both throw zmq::error_t as cppzmq does.

inline void set_key(zmq::socket_t& socket, int option, ByteView key) {
    if (zmq_setsockopt(socket.handle(), option, key.data(), key.size()) != 0) throw zmq::error_t();
}

inline void be_curve_server(zmq::socket_t& socket, const CurveKeyPair& keys) {
    socket.set(zmq::sockopt::curve_server, true);
    set_key(socket, ZMQ_CURVE_SECRETKEY, keys.secret());
}

inline void be_curve_client(zmq::socket_t& socket, const CurveKeyPair& keys,
                            const CurvePublicKey& server) {
    set_key(socket, ZMQ_CURVE_SERVERKEY, server.view());
    set_key(socket, ZMQ_CURVE_PUBLICKEY, keys.public_key().view());
    set_key(socket, ZMQ_CURVE_SECRETKEY, keys.secret());
}

} // namespace minewarden::collector
