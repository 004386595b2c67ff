// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/node_handshake.h"

#include <cstdlib>

using namespace minewarden::rules;

/// First bytes of a direction. A decision must not change as more bytes come.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size); // byte to char
    NodeHandshake whole;
    const HandshakeMatch last = match_handshake(bytes, whole);
    if (whole.software.size() > 32) std::abort();
    NodeHandshake part;
    const HandshakeMatch half = match_handshake(bytes.substr(0, size / 2), part);
    if (half == HandshakeMatch::no && last != HandshakeMatch::no) std::abort();
    if (half == HandshakeMatch::yes && last != HandshakeMatch::yes) std::abort();
    return 0;
}
