// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "kernel/event_abi.h"

#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

namespace minewarden::agent {

/// Calls the handler of each event from the kernel, by the event's type. Counts events that no
/// handler can take: of unknown type, too short, or with a size that is not that of their type.
class EventDispatcher {
  public:
    /// Handles events of this type, which are an `Event` and nothing more. The first member of
    /// `Event` is its event_header `header`.
    template <class Event>
    void on(abi::event_type type, std::function<void(const Event& event)> handler) {
        add(type, [handler = std::move(handler)](ByteView bytes) {
            Event event;
            if (bytes.size() < sizeof(event)) return false;
            std::memcpy(&event, bytes.data(), sizeof(event));
            if (event.header.size != sizeof(event)) return false;
            handler(event);
            return true;
        });
    }

    /// Handles events of this type, which are an `Event` and then `event.length` bytes of data.
    template <class Event>
    void on_with_data(abi::event_type type,
                      std::function<void(const Event& event, ByteView data)> handler) {
        add(type, [handler = std::move(handler)](ByteView bytes) {
            Event event;
            if (bytes.size() < sizeof(event)) return false;
            std::memcpy(&event, bytes.data(), sizeof(event));
            if (bytes.size() < sizeof(event) + event.length) return false;
            handler(event, bytes.subspan(sizeof(event), event.length));
            return true;
        });
    }

    /// `bytes`: one event as it was taken from the ring.
    void dispatch(ByteView bytes);

    /// Events that no handler could take.
    [[nodiscard]] std::uint64_t malformed() const { return malformed_; }

  private:
    /// Returns false if the event is malformed.
    using Handler = std::function<bool(ByteView bytes)>;
    void add(abi::event_type type, Handler handler);

    std::vector<Handler> handlers_; ///< by event type
    std::uint64_t malformed_ = 0;
};

} // namespace minewarden::agent
