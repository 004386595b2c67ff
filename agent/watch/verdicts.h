// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/findings/reporter.h"
#include "agent/processes/process_observation.h"
#include "agent/processes/process_table.h"
#include "common/bounded_map.h"
#include "rules/engine/engine.h"

#include <functional>

namespace minewarden::agent {

/// Judges what was observed, and reports each verdict that changes: observations in, findings out.
class Verdicts {
  public:
    struct Options {
        std::shared_ptr<const rules::RuleSet> rules;
        BootId boot;
        std::chrono::nanoseconds window{};
    };
    /// Called for each verdict that changes, before it is reported.
    using OnChange = std::function<void(const rules::VerdictRecord& change)>;
    /// `processes` and `reporter` outlive this.
    Verdicts(Options options, const ProcessTable& processes, Reporter& reporter,
             OnChange on_change);

    /// Loads the open findings of the last run, and reports the rules in force. Call it before
    /// anything else is reported.
    void restore();
    /// Closes restored findings whose process image does not run any more. Call it once the process
    /// table is known.
    void close_ended();

    /// Observations about images that are gone and had a finding are dropped.
    void observe(std::vector<ProcessObservation> observations);
    void observe_host(rules::Observation observation) {
        engine_.observe(rules::HostSubject{}, std::move(observation));
    }
    /// Judges an image now. Does not report: judge_news() does.
    void judge_now(const rules::ImageKey& image) { engine_.judge_now(image); }
    /// Judges all images with new evidence from events, and reports.
    void judge_news();
    /// The window has ended: evidence ages, all images are judged, and changes are reported.
    void end_window();
    /// Closes the findings of an image that is gone and drops its evidence. Call judge_news()
    /// before, so that what was observed of it last still counts.
    void forget(const GoneImage& gone);

    /// True if a rule reads observations of this type.
    [[nodiscard]] bool is_wanted(rules::ObservationType type) const {
        return !engine_.rules().rules_on(type).empty();
    }
    [[nodiscard]] const rules::RuleSet& rules() const { return engine_.rules(); }
    void replace_rules(std::shared_ptr<const rules::RuleSet> rules);

    void save() { reporter_.save(engine_); }
    void save_if_changed() { reporter_.save_if_changed(engine_); }

  private:
    static constexpr std::size_t maximum_closed = 4096;

    void report_changes();

    const ProcessTable& processes_;
    Reporter& reporter_;
    OnChange on_change_;
    rules::Engine engine_;
    /// Images that are gone and whose findings were closed, the newest ones. Their connections may
    /// still be closing, and what comes late must not open the findings again.
    struct Closed {};
    BoundedMap<rules::ImageKey, Closed> closed_{maximum_closed};
};

} // namespace minewarden::agent
