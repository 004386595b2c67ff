// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/listeners.h"

namespace minewarden::agent {
namespace {

constexpr IpAddress any_ipv4{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
constexpr IpAddress any_address{};

} // namespace

void Listeners::add(const ListeningPlace& place, const abi::subject_id& subject) {
    if (listeners_.size() >= maximum && !listeners_.contains(place)) return;
    listeners_[place] = subject;
}

void Listeners::remove(const ListeningPlace& place) {
    listeners_.erase(place);
}

std::optional<abi::subject_id> Listeners::find(const ListeningPlace& local) const {
    const auto at = [&](const IpAddress& address) {
        return listeners_.find({local.network_namespace, local.port, address});
    };
    auto found = at(local.address);
    if (found == listeners_.end() && local.address.is_ipv4()) found = at(any_ipv4);
    if (found == listeners_.end()) found = at(any_address);
    if (found == listeners_.end()) return std::nullopt;
    return found->second;
}

} // namespace minewarden::agent
