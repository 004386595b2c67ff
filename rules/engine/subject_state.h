// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/rule_set/rule_set.h"
#include "rules/verdict/record.h"

#include <map>
#include <memory>
#include <set>
#include <span>

namespace minewarden::rules {

/// Never null. Shared by history and evidence: copying it per window and rule would cost more than
/// evaluating the rule.
using SharedObservation = std::shared_ptr<const Observation>;

/// Window observations of one subject, for as many windows as any condition needs.
class History {
  public:
    struct Entry {
        WindowIndex window;
        SharedObservation observation;
    };

    /// Keeps one observation per entity and window: a later one in the same window replaces the
    /// earlier one.
    void add(WindowIndex window, SharedObservation observation, std::size_t keep);

    /// The observations of the entity, newest first. Valid until the next call that changes this.
    [[nodiscard]] std::span<const Entry> of(ObservationType type, std::int64_t entity) const;
    /// Drops entities without an observation in the last `keep` windows.
    void prune(WindowIndex window, std::size_t keep);
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    /// True if no entry is later than `window` or before window 0.
    [[nodiscard]] bool is_within(WindowIndex window) const;

    [[nodiscard]] cbor::Value save() const;
    [[nodiscard]] bool restore(const cbor::Value& saved);

    /// Maximum number of threads or connections of one subject. Above it, those seen longest ago
    /// are dropped. In one window at most this many are added; callers pass the busiest first.
    static constexpr std::size_t maximum_entities = 1024;

  private:
    /// Drops the entity seen longest ago, if that was before `window`. Returns false if there is
    /// none.
    bool forget_one(WindowIndex window);

    WindowIndex full_in_{-1}; ///< last window in which forget_one() found none
    std::map<std::pair<ObservationType, std::int64_t>, std::vector<Entry>> entries_; // newest first
};

/// Like PlacedObservation, but shared. Becomes one when it is recorded.
struct SeenObservation {
    std::int64_t windows_back = 0;
    SharedObservation observation;
};

/// When a rule held for one subject, and on which observations.
struct RuleMemory {
    const Rule* rule = nullptr; ///< in the current rule set; null only during restore()
    WindowIndex first;
    WindowIndex last;
    std::int64_t windows_held = 0;
    /// Threads or connections for which it held in window `last`, ascending. Empty if its
    /// observations are about the whole subject.
    std::vector<std::int64_t> entities;
    std::vector<SeenObservation> observations; ///< the one that fired the rule first

    [[nodiscard]] std::vector<PlacedObservation> placed() const;

    /// Maximum per window. A process cannot have more captured connections (capture budget).
    static constexpr std::size_t maximum_entities = 1024;
};

/// The last report about one activity of one subject.
struct ActivityState {
    CarriedState carried;
    std::set<std::string> reported; ///< ids of rules in the last record
};

/// Everything the engine knows about one subject.
struct SubjectState {
    History history;
    std::map<std::string, RuleMemory> memories;   ///< by rule id
    std::map<Activity, ActivityState> activities; ///< those with an open verdict
    WindowIndex last_seen;

    [[nodiscard]] bool is_open() const { return !activities.empty(); }
};

[[nodiscard]] cbor::Value save(const SubjectState& state);
[[nodiscard]] bool restore(const cbor::Value& saved, SubjectState& state);

} // namespace minewarden::rules
