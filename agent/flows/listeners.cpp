// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/listeners.h"

namespace minewarden::agent {

void Listeners::add(std::uint32_t network_namespace, std::uint16_t port,
                    const abi::subject_id& subject) {
    if (listeners_.size() >= maximum && !listeners_.contains({network_namespace, port})) return;
    listeners_[{network_namespace, port}] = subject;
}

void Listeners::remove(std::uint32_t network_namespace, std::uint16_t port) {
    listeners_.erase({network_namespace, port});
}

std::optional<abi::subject_id> Listeners::find(std::uint32_t network_namespace,
                                               std::uint16_t port) const {
    const auto found = listeners_.find({network_namespace, port});
    if (found == listeners_.end()) return std::nullopt;
    return found->second;
}

} // namespace minewarden::agent
