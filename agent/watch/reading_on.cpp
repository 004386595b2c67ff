// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/reading_on.h"

#include "common/log.h"

namespace minewarden::agent {

void read_on(Connections& connections, const CaptureAgain& capture_again) {
    // What they can say at once must leave room in the ring for other events.
    static_assert(2 * FLOW_READ_AGAIN_MAXIMUM * FLOW_CAPTURE_BYTES <= EVENT_RING_BYTES / 2);
    const auto flow_ids = connections.take_to_read_again(FLOW_READ_AGAIN_MAXIMUM);
    if (flow_ids.empty()) return;
    const auto given_up = capture_again(flow_ids);
    if (!given_up) log::warn("connections are not read on: {}", given_up.error().message);
    connections.queue_again(given_up ? *given_up : flow_ids);
}

} // namespace minewarden::agent
