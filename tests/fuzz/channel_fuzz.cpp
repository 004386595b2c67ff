// SPDX-License-Identifier: Apache-2.0
#include "collector/channel/turn_encoding.h"

using namespace minewarden;

/// What an intake process sends that was taken over, and what the store answers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    channel::Turn turn;
    if (turn.ParseFromArray(data, static_cast<int>(size))) {
        const auto arrivals = collector::decode_turn(turn);
        // What is accepted is encoded and accepted again.
        if (arrivals) {
            channel::Turn again;
            if (!again.ParseFromString(collector::encode_turn(*arrivals)) ||
                !collector::decode_turn(again))
                __builtin_trap();
        }
    }
    channel::FromStore answer;
    if (answer.ParseFromArray(data, static_cast<int>(size)))
        (void)collector::decode_outcome(
            answer.outcome(), static_cast<std::size_t>(answer.outcome().positions_size()));
    return 0;
}
