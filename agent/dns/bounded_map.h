// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <map>

namespace minewarden::agent {

/// A map of at most so many entries: where it is full, the entry not used for longest goes.
template <class Key, class Value>
class BoundedMap {
  public:
    explicit BoundedMap(std::size_t maximum) : maximum_(maximum) {}

    /// The entry, made if it is not there; it counts as used now.
    Value& claim(const Key& key) {
        if (Value* found = find(key)) return *found;
        if (entries_.size() >= maximum_) {
            entries_.erase(order_.front());
            order_.pop_front();
            ++forgotten_;
        }
        Entry& entry = entries_[key];
        entry.place = order_.insert(order_.end(), key);
        return entry.value;
    }

    /// nullptr if it is not there; else it counts as used now.
    Value* find(const Key& key) {
        const auto found = entries_.find(key);
        if (found == entries_.end()) return nullptr;
        order_.splice(order_.end(), order_, found->second.place);
        return &found->second.value;
    }

    void erase(const Key& key) {
        const auto found = entries_.find(key);
        if (found == entries_.end()) return;
        order_.erase(found->second.place);
        entries_.erase(found);
    }

    /// Uses nothing.
    [[nodiscard]] bool contains(const Key& key) const { return entries_.contains(key); }

    /// Least recently used first; uses nothing.
    template <class Visit>
    void each(Visit visit) const {
        for (const Key& key : order_) visit(key, entries_.at(key).value);
    }

    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

  private:
    struct Entry {
        Value value{};
        typename std::list<Key>::iterator place;
    };
    std::size_t maximum_;
    std::map<Key, Entry> entries_;
    std::list<Key> order_;
    std::uint64_t forgotten_ = 0;
};

} // namespace minewarden::agent
