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
    for (const rules::Subject& subject : reporter_.book().subjects()) {
        const auto* image = std::get_if<rules::ImageKey>(&subject);
        if (image == nullptr || processes_.runs(*image)) continue;
        engine_.forget(subject);
        reporter_.report_gone(subject, CloseReason::process_gone);
    }
}

void Verdicts::observe(std::vector<ProcessObservation> observations) {
    for (ProcessObservation& each : observations)
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
    for (const rules::VerdictRecord& change : engine_.take_changes()) {
        on_change_(change);
        const auto* image = std::get_if<rules::ImageKey>(&change.subject);
        if (image == nullptr) {
            reporter_.report(change, nullptr);
            continue;
        }
        Process unknown;
        unknown.image = *image;
        const Process* known = processes_.find(*image);
        reporter_.report(change, known != nullptr ? known : &unknown);
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
