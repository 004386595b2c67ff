// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/subject_state.h"

#include <algorithm>
#include <ranges>

namespace minewarden::rules {
namespace {

/// The value at `key`, or nullptr if `map` is not a map or the value has another type.
template <class T>
const T* get(const cbor::Value& map_value, std::string_view key) {
    const auto* map = map_value.get_if<cbor::Map>();
    if (map == nullptr) return nullptr;
    const auto found = map->find(key);
    return found == map->end() ? nullptr : found->second.get_if<T>();
}

cbor::Value save(const SeenObservation& seen) {
    cbor::Map map;
    map.emplace("back", seen.windows_back);
    map.emplace("observation", to_cbor(*seen.observation));
    return map;
}

/// Restores the observation at "observation" and the integer at `key` of one map.
bool restore_observation(const cbor::Value& saved, std::string_view key, std::int64_t& integer,
                         SharedObservation& observation) {
    const auto* number = get<std::int64_t>(saved, key);
    const auto* map = saved.get_if<cbor::Map>();
    if (number == nullptr || map == nullptr || !map->contains("observation")) return false;
    auto decoded = observation_from_cbor(map->find("observation")->second);
    if (!decoded) return false;
    integer = *number;
    observation = std::make_shared<const Observation>(std::move(*decoded));
    return true;
}

cbor::Value save(const std::string& rule, const RuleMemory& memory) {
    cbor::Array entities;
    for (const std::int64_t entity : memory.entities) entities.emplace_back(entity);
    cbor::Array observations;
    for (const SeenObservation& seen : memory.observations) observations.push_back(save(seen));
    cbor::Map map;
    map.emplace("rule", rule);
    map.emplace("first", memory.first.number);
    map.emplace("last", memory.last.number);
    map.emplace("windows_held", memory.windows_held);
    map.emplace("entities", std::move(entities));
    map.emplace("observations", std::move(observations));
    return map;
}

bool restore_memory(const cbor::Value& saved, SubjectState& state) {
    const auto* rule = get<std::string>(saved, "rule");
    const auto* first = get<std::int64_t>(saved, "first");
    const auto* last = get<std::int64_t>(saved, "last");
    const auto* windows_held = get<std::int64_t>(saved, "windows_held");
    const auto* entities = get<cbor::Array>(saved, "entities");
    const auto* observations = get<cbor::Array>(saved, "observations");
    if (!rule || !first || !last || !windows_held || !entities || !observations) return false;
    RuleMemory memory;
    memory.first = {*first};
    memory.last = {*last};
    memory.windows_held = *windows_held;
    for (const cbor::Value& entity : *entities) {
        if (const auto* number = entity.get_if<std::int64_t>()) memory.entities.push_back(*number);
    }
    if (!std::ranges::is_sorted(memory.entities)) return false;
    for (const cbor::Value& item : *observations) {
        SeenObservation seen;
        if (!restore_observation(item, "back", seen.windows_back, seen.observation)) return false;
        memory.observations.push_back(std::move(seen));
    }
    state.memories.emplace(*rule, std::move(memory));
    return true;
}

cbor::Value save(Activity activity, const ActivityState& state) {
    cbor::Array reported;
    for (const std::string& rule : state.reported) reported.emplace_back(rule);
    cbor::Map map;
    map.emplace("activity", activity.name());
    map.emplace("held", std::string(to_string(state.carried.held)));
    map.emplace("refuting", state.carried.refuting);
    map.emplace("reported", std::move(reported));
    return map;
}

bool restore_activity(const cbor::Value& saved, SubjectState& state) {
    const auto* name = get<std::string>(saved, "activity");
    const auto* held = get<std::string>(saved, "held");
    const auto* refuting = get<std::int64_t>(saved, "refuting");
    const auto* reported = get<cbor::Array>(saved, "reported");
    if (!name || !held || !refuting || !reported) return false;
    const auto activity = Activity::find(*name);
    const auto certainty = find_certainty(*held);
    if (!activity || !certainty) return false;
    ActivityState restored{{*certainty, *refuting}, {}};
    for (const cbor::Value& rule : *reported) {
        if (const auto* id = rule.get_if<std::string>()) restored.reported.insert(*id);
    }
    state.activities.emplace(*activity, std::move(restored));
    return true;
}

} // namespace

void History::add(WindowIndex window, SharedObservation observation, std::size_t keep) {
    if (keep < 2) return; // conditions need only the current window
    const std::pair key{observation->type, observation->entity};
    auto found = entries_.find(key);
    if (found == entries_.end()) {
        if (entries_.size() >= maximum_entities && !forget_one(window)) return;
        found = entries_.try_emplace(key).first;
    }
    auto& entries = found->second;
    if (!entries.empty() && entries.front().window == window) {
        entries.front().observation = std::move(observation);
        return;
    }
    if (entries.size() >= keep) entries.resize(keep - 1);
    entries.insert(entries.begin(), {window, std::move(observation)});
}

bool History::forget_one(WindowIndex window) {
    if (full_in_ == window) return false;
    const auto last = [](const auto& item) { return item.second.front().window; };
    const auto oldest = std::ranges::min_element(entries_, {}, last);
    if (oldest == entries_.end() || last(*oldest) >= window) {
        full_in_ = window;
        return false;
    }
    entries_.erase(oldest);
    return true;
}

std::span<const History::Entry> History::of(ObservationType type, std::int64_t entity) const {
    const auto found = entries_.find({type, entity});
    if (found == entries_.end()) return {};
    return found->second;
}

void History::prune(WindowIndex window, std::size_t keep) {
    std::erase_if(entries_, [&](const auto& item) {
        const auto& entries = item.second;
        return entries.empty() ||
               window.number - entries.front().window.number >= static_cast<std::int64_t>(keep);
    });
}

bool History::is_within(WindowIndex window) const {
    return std::ranges::all_of(entries_, [&](const auto& item) {
        return std::ranges::all_of(item.second, [&](const Entry& entry) {
            return entry.window.number >= 0 && entry.window <= window;
        });
    });
}

cbor::Value History::save() const {
    cbor::Array array;
    for (const auto& [key, entries] : entries_) {
        for (const auto& entry : std::ranges::reverse_view(entries)) {
            cbor::Map map;
            map.emplace("window", entry.window.number);
            map.emplace("observation", to_cbor(*entry.observation));
            array.emplace_back(std::move(map));
        }
    }
    return array;
}

bool History::restore(const cbor::Value& saved) {
    const auto* array = saved.get_if<cbor::Array>();
    if (array == nullptr) return false;
    for (const cbor::Value& item : *array) {
        std::int64_t window = 0;
        SharedObservation observation;
        if (!restore_observation(item, "window", window, observation)) return false;
        add({window}, std::move(observation), conditions::maximum_windows);
    }
    return true;
}

std::vector<PlacedObservation> RuleMemory::placed() const {
    std::vector<PlacedObservation> result;
    result.reserve(observations.size());
    for (const SeenObservation& seen : observations)
        result.push_back({seen.windows_back, *seen.observation});
    return result;
}

cbor::Value save(const SubjectState& state) {
    cbor::Array memories;
    for (const auto& [rule, memory] : state.memories) memories.push_back(save(rule, memory));
    cbor::Array activities;
    for (const auto& [activity, activity_state] : state.activities)
        activities.push_back(save(activity, activity_state));
    cbor::Map map;
    map.emplace("history", state.history.save());
    map.emplace("memories", std::move(memories));
    map.emplace("activities", std::move(activities));
    map.emplace("last_seen", state.last_seen.number);
    return map;
}

bool restore(const cbor::Value& saved, SubjectState& state) {
    const auto* map = saved.get_if<cbor::Map>();
    const auto* memories = get<cbor::Array>(saved, "memories");
    const auto* activities = get<cbor::Array>(saved, "activities");
    const auto* last_seen = get<std::int64_t>(saved, "last_seen");
    if (!map || !map->contains("history") || !memories || !activities || !last_seen) return false;
    state.last_seen = {*last_seen};
    return state.history.restore(map->find("history")->second) &&
           std::ranges::all_of(*memories,
                               [&](const auto& item) { return restore_memory(item, state); }) &&
           std::ranges::all_of(*activities,
                               [&](const auto& item) { return restore_activity(item, state); });
}

} // namespace minewarden::rules
