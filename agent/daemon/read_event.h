// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"

#include <cstring>
#include <optional>

namespace minewarden::agent {

/// Copies an event of fixed size out of the ring; false if the size is another.
template <class Event>
bool read_event(ByteView bytes, Event& event) {
    if (bytes.size() < sizeof(event)) return false;
    std::memcpy(&event, bytes.data(), sizeof(event));
    return event.header.size == sizeof(event);
}

/// The same of an event with data behind it; the data, or nothing if the event is cut.
template <class Event>
std::optional<ByteView> read_head(ByteView bytes, Event& event) {
    if (bytes.size() < sizeof(event)) return std::nullopt;
    std::memcpy(&event, bytes.data(), sizeof(event));
    if (bytes.size() < sizeof(event) + event.length) return std::nullopt;
    return bytes.subspan(sizeof(event), event.length);
}

} // namespace minewarden::agent
