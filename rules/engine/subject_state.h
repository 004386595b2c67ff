// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/rule_set/rule_set.h"
#include "rules/verdict/record.h"

#include <map>
#include <memory>
#include <set>
#include <span>

namespace minewarden::rules {

/// Shared by history and evidence, because a copy per window and rule costs more than the rule.
/// Never null.
using SharedObservation = std::shared_ptr<const Observation>;

/// Window observations of one subject, as far back as some condition looks.
class History {
  public:
    struct Entry {
        WindowIndex window;
        SharedObservation observation;
    };

    /// One observation per entity and window: a later one of the same window replaces the earlier.
    void add(WindowIndex window, SharedObservation observation, std::size_t keep);

    /// What is remembered of the entity, newest first; valid until the next call that changes it.
    [[nodiscard]] std::span<const Entry> of(ObservationType type, std::int64_t entity) const;
    /// Drops entities without an observation in the last `keep` windows.
    void prune(WindowIndex window, std::size_t keep);
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    /// Nothing in it is later than `window`, or before window 0.
    [[nodiscard]] bool is_within(WindowIndex window) const;

    [[nodiscard]] cbor::Value save() const;
    [[nodiscard]] bool restore(const cbor::Value& saved);

    /// Of more threads or connections of one subject than this, those seen longest ago are
    /// forgotten. In one window no more than this many are taken in; the busiest come first.
    static constexpr std::size_t maximum_entities = 1024;

  private:
    /// Makes room by what was seen longest ago, before `window`; false if there is nothing such.
    bool forget_one(WindowIndex window);

    WindowIndex full_in_{-1}; ///< the last window in which there was nothing such
    std::map<std::pair<ObservationType, std::int64_t>, std::vector<Entry>> entries_; // newest first
};

/// PlacedObservation before it is recorded.
struct SeenObservation {
    std::int64_t windows_back = 0;
    SharedObservation observation;
};

/// When and on what a rule held for one subject.
struct RuleMemory {
    const Rule* rule = nullptr; ///< of the set in force; null only while it is restored
    WindowIndex first;
    WindowIndex last;
    std::int64_t windows_held = 0;
    /// Threads or connections for which it held in window `last`, ascending; empty if its
    /// observations are of the subject as a whole.
    std::vector<std::int64_t> entities;
    std::vector<SeenObservation> observations; ///< the firing one first

    [[nodiscard]] std::vector<PlacedObservation> placed() const;

    /// More are not noted of one window: more than a capture budget lets a process have.
    static constexpr std::size_t maximum_entities = 1024;
};

/// What was last reported about one activity of one subject.
struct ActivityState {
    CarriedState carried;
    std::set<std::string> told; ///< rules in the last record
};

/// Everything the engine knows of one subject.
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
