// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "rules/recognise/payload.h"

#include <cstdlib>

using namespace minewarden;
using namespace minewarden::rules;

/// A connection's payload in pieces: each begins with direction, offset and length. The top bit of
/// the first byte: from the middle.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::array<StreamHead, 2> heads;
    PayloadRecogniser recogniser(size > 0 && (data[0] & 0x80) != 0 ? StreamStart::middle
                                                                   : StreamStart::beginning);
    ByteView rest(data, size);
    while (rest.size() >= 4) {
        const auto side = static_cast<std::size_t>(rest[0] & 1);
        // Most pieces follow the last one, so that the recogniser gets something to see.
        const bool follows = (rest[0] & 6) != 0;
        const std::size_t offset =
            follows ? heads[side].contiguous() : (std::size_t{rest[1]} << 8 | rest[2]);
        const std::size_t length = std::min<std::size_t>(std::size_t{rest[3]} * 4, rest.size() - 4);
        const std::string_view fresh = heads[side].add(offset, rest.subspan(4, length));
        for (const MiningMessage& message : recogniser.feed(static_cast<Direction>(side), fresh)) {
            if (message.software.size() > 32 || message.algorithms < 0) std::abort();
        }
        if (recogniser.take_handshakes().size() > 1) std::abort();
        if (heads[side].contiguous() > StreamHead::window) std::abort();
        rest = rest.subspan(4 + length);
    }
    return 0;
}
