// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/engine/subject_state.h"
#include "rules/verdict/record.h"

#include <unordered_map>

namespace minewarden::rules {

/// Turns observations into verdicts. One thread; no clock and no I/O: time passes only when
/// end_window() is called, and the same calls give the same changes, byte for byte.
///
/// Window observations of the window that just passed are handed over before end_window(). Events
/// may come at any time and are judged by the next judge_news().
class Engine {
  public:
    Engine(std::shared_ptr<const RuleSet> rules, const BootId& boot,
           std::chrono::nanoseconds window_span);

    /// Ignores an observation of a type that is about another kind of subject.
    void observe(const Subject& subject, Observation observation);

    /// Judges the subjects for which an event gave new evidence since the last call.
    void judge_news();

    /// Judges one subject now, between two windows: what was observed of it last, before it is
    /// gone.
    void judge_now(const Subject& subject);

    /// Ages all evidence by one window and judges again.
    void end_window();

    /// The subject is gone (exit or exec): its state is dropped without a further change.
    void forget(const Subject& subject);

    /// Puts another rule set in force. What a rule of the same id would not say any more, on the
    /// same observations, is forgotten.
    void replace_rules(std::shared_ptr<const RuleSet> rules);

    /// The verdicts that changed since the last call: another certainty, or further evidence for an
    /// open one. The first of a chain has carried.held == none; the last has certainty none.
    [[nodiscard]] std::vector<VerdictRecord> take_changes() { return std::move(changes_); }
    [[nodiscard]] const RuleSet& rules() const { return *rules_; }
    [[nodiscard]] WindowIndex window() const { return window_; }
    [[nodiscard]] std::size_t subjects() const { return subjects_.size(); }

    /// The state of every subject with an open verdict, to survive a restart.
    [[nodiscard]] cbor::Value save() const;
    /// REQUIRES: nothing was observed yet. Rules that are gone are skipped; an error (kind data)
    /// leaves the engine empty.
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
    std::set<Subject> news_; ///< in a fixed order, so that changes come in one
    std::vector<VerdictRecord> changes_;
    std::vector<const Observation*> windows_seen_; ///< of evaluate(), kept for its memory
    language::SummaryCache summaries_;             ///< of windows_seen_
};

} // namespace minewarden::rules
