// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/listeners.h"

namespace minewarden::agent {
namespace {

constexpr IpAddress any_ipv4{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
constexpr IpAddress any_address{};

} // namespace

void Listeners::add(const ListeningPlace& place, const Listener& listener) {
    auto found = listeners_.find(place);
    if (found == listeners_.end()) {
        if (listeners_.size() >= maximum) {
            ++forgotten_;
            return;
        }
        found = listeners_.try_emplace(place).first;
    }
    if (found->second.cookie != listener.cookie) places_.erase(found->second.cookie);
    found->second = listener;
    if (listener.cookie != 0) places_[listener.cookie] = place;
}

void Listeners::erase(std::map<ListeningPlace, Listener>::iterator listener) {
    places_.erase(listener->second.cookie);
    listeners_.erase(listener);
}

void Listeners::remove(const ListeningPlace& place, std::uint64_t cookie) {
    if (const auto known = places_.find(cookie); known != places_.end()) {
        erase(listeners_.find(known->second));
        return;
    }
    // Another socket can listen there by now.
    const auto found = listeners_.find(place);
    if (found != listeners_.end() && found->second.cookie == 0) erase(found);
}

void Listeners::keep_only(const std::set<ListeningPlace>& seen, BootTime asked) {
    for (auto listener = listeners_.begin(); listener != listeners_.end();) {
        const auto here = listener++;
        if (here->second.since < asked && !seen.contains(here->first)) erase(here);
    }
}

std::optional<abi::subject_id> Listeners::find(const ListeningPlace& local) const {
    const auto at = [&](const IpAddress& address) {
        return listeners_.find({local.network_namespace, local.port, address});
    };
    auto found = at(local.address);
    if (found == listeners_.end() && local.address.is_ipv4()) found = at(any_ipv4);
    if (found == listeners_.end()) found = at(any_address);
    if (found == listeners_.end()) return std::nullopt;
    return found->second.subject;
}

} // namespace minewarden::agent
