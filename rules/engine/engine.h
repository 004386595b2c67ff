// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/engine/subject_state.h"
#include "rules/verdict/record.h"

#include <unordered_map>

namespace minewarden::rules {

/// Turns observations into verdicts. Not thread-safe. No clock and no I/O: time advances only in
/// end_window(), and the same calls give the same changes, byte for byte.
///
/// Pass the observations of a window to observe() before end_window(). Events may come at any time;
/// the next judge_news() judges them.
class Engine {
  public:
    Engine(std::shared_ptr<const RuleSet> rules, const BootId& boot,
           std::chrono::nanoseconds window_span);

    /// Ignores the observation if its type is about another kind of subject.
    void observe(const Subject& subject, Observation observation);

    /// Judges the subjects that got new evidence from an event since the last call.
    void judge_news();

    /// Judges one subject between two windows. Call it before a subject ends, so that its last
    /// observations count.
    void judge_now(const Subject& subject);

    /// Ages all evidence by one window and judges all subjects.
    void end_window();

    /// Drops the state of a subject that ended (exit or exec). Emits no change.
    void forget(const Subject& subject);

    /// Replaces the rule set. Forgets evidence that the new rule of the same id would not give on
    /// the same observations.
    void replace_rules(std::shared_ptr<const RuleSet> rules);

    /// Verdicts that changed since the last call: a new certainty, or new evidence for an open
    /// verdict. The first of a chain has carried.held == none, the last has certainty none.
    [[nodiscard]] std::vector<VerdictRecord> take_changes() { return std::move(changes_); }
    [[nodiscard]] const RuleSet& rules() const { return *rules_; }
    [[nodiscard]] WindowIndex window() const { return window_; }
    [[nodiscard]] std::size_t subjects() const { return subjects_.size(); }

    /// Saves the state of every subject with an open verdict, for restore() after a restart.
    [[nodiscard]] cbor::Value save() const;
    /// REQUIRES: observe() was not called yet. Skips rules that no longer exist. After an error
    /// (kind data) the engine is empty.
    Result<void> restore(const cbor::Value& saved);

  private:
    void forget_what_no_rule_says(SubjectState& state) const;
    void evaluate(const Subject& subject, SubjectState& state,
                  const SharedObservation& observation);
    void remember(const Rule& rule, SubjectState& state, const SharedObservation& observation,
                  std::span<const History::Entry> earlier) const;
    void judge_all(const Subject& subject, SubjectState& state, bool window_ended);
    void judge_one(const Subject& subject, SubjectState& state, Activity activity,
                   bool window_ended);
    [[nodiscard]] WeighedEvidence weighed(const RuleMemory& memory, Activity activity) const;
    [[nodiscard]] VerdictRecord record_of(const Subject& subject, const SubjectState& state,
                                          Activity activity, const CarriedState& carried,
                                          const Verdict& verdict) const;

    std::shared_ptr<const RuleSet> rules_;
    BootId boot_;
    std::chrono::nanoseconds window_span_;
    WindowIndex window_{1};
    std::unordered_map<Subject, SubjectState, SubjectHash> subjects_;
    std::set<Subject> news_; ///< ordered, so that the order of changes is deterministic
    std::vector<VerdictRecord> changes_;
    std::vector<const Observation*>
        windows_seen_;                   ///< buffer of evaluate(), kept to avoid allocations
    conditions::SummaryCache summaries_; ///< of windows_seen_
};

} // namespace minewarden::rules
