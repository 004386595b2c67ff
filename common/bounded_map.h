// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>

namespace minewarden {

/// A map with a maximum number of entries. When it is full, a new entry replaces the least recently
/// used one.
template <class Key, class Value>
class BoundedMap {
  public:
    explicit BoundedMap(std::size_t maximum) : maximum_(maximum) {}

    /// Returns the entry, and creates it if there is none. Marks it as used.
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

    /// Returns nullptr if there is no entry. Marks the entry as used.
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

    /// Does not mark the entry as used.
    [[nodiscard]] bool contains(const Key& key) const { return entries_.contains(key); }

    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    /// Entries that were replaced because the map was full.
    [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

  private:
    struct Entry {
        Value value{};
        typename std::list<Key>::iterator place; ///< in order_
    };
    std::size_t maximum_;
    std::map<Key, Entry> entries_;
    std::list<Key> order_; ///< least recently used first
    std::uint64_t forgotten_ = 0;
};

} // namespace minewarden
