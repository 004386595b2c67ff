// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/event_dispatcher.h"

namespace minewarden::agent {

void EventDispatcher::add(abi::event_type type, Handler handler) {
    const auto index = static_cast<std::size_t>(type);
    if (handlers_.size() <= index) handlers_.resize(index + 1);
    handlers_[index] = std::move(handler);
}

void EventDispatcher::dispatch(ByteView bytes) {
    abi::event_header header{};
    if (bytes.size() >= sizeof(header)) std::memcpy(&header, bytes.data(), sizeof(header));
    const bool is_known = header.type < handlers_.size() && handlers_[header.type];
    if (!is_known || !handlers_[header.type](bytes)) ++malformed_;
}

} // namespace minewarden::agent
