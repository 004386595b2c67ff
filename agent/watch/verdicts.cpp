// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/verdicts.h"

namespace minewarden::agent {
namespace {

CloseReason close_reason(Departure departure) {
    switch (departure) {
    case Departure::exited:
        return CloseReason::process_exited;
    case Departure::replaced:
        return CloseReason::program_replaced;
    case Departure::vanished:
        break;
    }
    return CloseReason::process_gone;
}

} // namespace

Verdicts::Verdicts(Options options, const ProcessTable& processes, Reporter& reporter,
                   OnChange on_change)
    : processes_(processes),
      reporter_(reporter),
      on_change_(std::move(on_change)),
      engine_(std::move(options.rules), options.boot, options.window) {
}

void Verdicts::restore() {
    reporter_.restore(engine_);
    reporter_.report_rules(engine_.rules());
}

void Verdicts::close_ended() {
    for (const rules::ImageKey& image : reporter_.book().images()) {
        if (processes_.runs(image)) continue;
        engine_.forget(image);
        reporter_.report_gone(image, CloseReason::process_gone);
    }
}

void Verdicts::observe(std::vector<SubjectObservation> observations) {
    for (SubjectObservation& each : observations)
        if (!closed_.contains(each.image)) engine_.observe(each.image, std::move(each.observation));
}

void Verdicts::judge_news() {
    engine_.judge_news();
    report_changes();
}

void Verdicts::end_window() {
    engine_.end_window();
    report_changes();
}

void Verdicts::report_changes() {
    for (const rules::VerdictChange& change : engine_.take_changes()) {
        on_change_(change);
        Process unknown;
        unknown.image = change.image;
        const Process* known = processes_.find(change.image);
        reporter_.report(change, known != nullptr ? *known : unknown);
    }
}

void Verdicts::forget(const GoneImage& gone) {
    engine_.forget(gone.image);
    if (!reporter_.book().knows(gone.image)) return;
    closed_.claim(gone.image);
    reporter_.report_gone(gone.image, close_reason(gone.departure));
}

void Verdicts::replace_rules(std::shared_ptr<const rules::RuleSet> rules) {
    engine_.replace_rules(std::move(rules));
    reporter_.report_rules(engine_.rules());
}

} // namespace minewarden::agent
