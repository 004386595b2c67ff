// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/syscall_sampling.h"

#include "common/log.h"

#include <algorithm>

namespace minewarden::agent {

void SyscallSampling::on_verdict(const rules::VerdictRecord& change, bool runs) {
    using enum rules::Family;
    const auto* image = std::get_if<rules::ImageKey>(&change.subject);
    if (image == nullptr) return;
    const bool open = change.verdict.certainty != rules::Certainty::none;
    const bool rests_on_more =
        std::ranges::any_of(change.evidence, [](const rules::RecordedEvidence& evidence) {
            return evidence.weight > 0 &&
                   (evidence.family == protocol || evidence.family == compute ||
                    evidence.family == destination);
        });
    if (open && rests_on_more && runs)
        budget_.ask(*image);
    else if (!open)
        budget_.withdraw(*image);
}

void SyscallSampling::tick(BootTime now) {
    if (!counter_.begin) return;
    if (began_) {
        constexpr std::chrono::nanoseconds span = SyscallBudget::window_span;
        if (now.ns - began_->ns >= static_cast<std::uint64_t>(span.count())) stop(now);
        return;
    }
    const auto image = budget_.begin(now, pause_);
    if (!image) return;
    if (auto begun = counter_.begin(*image, now))
        began_ = now;
    else
        log::warn("{}", begun.error().message);
}

void SyscallSampling::stop(BootTime now) {
    if (!began_) return;
    began_.reset();
    auto counted = counter_.end(now);
    if (counted)
        counted_.push_back(*counted);
    else
        log::warn("{}", counted.error().message);
}

} // namespace minewarden::agent
