// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/bpf/context.h"
#include "common/bytes.h"

#include <functional>
#include <memory>

struct ring_buffer;

namespace minewarden::agent {

/// The consuming end of the ring that all pushing sources share.
class EventRing {
  public:
    /// Called for each event, oldest first. The bytes are valid during the call only.
    using Handler = std::function<void(ByteView event)>;

    static Result<std::unique_ptr<EventRing>> open(const BpfContext& context, Handler handler);
    ~EventRing();
    EventRing(const EventRing&) = delete;
    EventRing& operator=(const EventRing&) = delete;

    /// Handles all events in the ring. Returns how many there were.
    std::size_t drain();

    /// Becomes readable when a quarter of the ring is full; for epoll.
    [[nodiscard]] int wakeup_fd() const;

  private:
    explicit EventRing(Handler handler) : handler_(std::move(handler)) {}
    static int on_event(void* context, void* data, std::size_t size);

    Handler handler_;
    ring_buffer* ring_ = nullptr;
};

} // namespace minewarden::agent
