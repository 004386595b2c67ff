// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/bpf/event_ring.h"

#include <bpf/libbpf.h>

#include <cerrno>

namespace minewarden::agent {

Result<std::unique_ptr<EventRing>> EventRing::open(const BpfContext& context, Handler handler) {
    std::unique_ptr<EventRing> ring(new EventRing(std::move(handler)));
    ring->ring_ = ring_buffer__new(context.ring(), on_event, ring.get(), nullptr);
    if (ring->ring_ == nullptr) return fail(bpf_error("cannot map the event ring", errno));
    return ring;
}

EventRing::~EventRing() {
    ring_buffer__free(ring_);
}

int EventRing::on_event(void* context, void* data, std::size_t size) {
    const auto* ring = static_cast<const EventRing*>(context);
    ring->handler_({static_cast<const std::uint8_t*>(data), size});
    return 0;
}

std::size_t EventRing::drain() {
    const int handled = ring_buffer__consume(ring_);
    return handled < 0 ? 0 : static_cast<std::size_t>(handled);
}

int EventRing::wakeup_fd() const {
    return ring_buffer__epoll_fd(ring_);
}

} // namespace minewarden::agent
