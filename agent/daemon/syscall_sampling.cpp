// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/syscall_sampling.h"

#include "common/log.h"

#include <algorithm>

namespace minewarden::agent {

void SyscallSampling::on_verdict(const rules::VerdictChange& change, bool lives) {
    using enum rules::Family;
    const auto* image = std::get_if<rules::ImageKey>(&change.subject);
    if (image == nullptr) return;
    const bool open = change.record.verdict.certainty != rules::Certainty::none;
    const bool rests_on_more =
        std::ranges::any_of(change.record.evidence, [](const rules::RecordedEvidence& evidence) {
            return evidence.weight > 0 &&
                   (evidence.family == protocol || evidence.family == compute ||
                    evidence.family == destination);
        });
    if (open && rests_on_more && lives && enabled_)
        budget_.ask(*image);
    else if (!open)
        budget_.withdraw(*image);
}

void SyscallSampling::tick(SyscallSource& source, BootTime now) {
    if (!source.is_loaded()) return;
    constexpr auto span = std::chrono::nanoseconds(SyscallBudget::window_span);
    if (source.is_counting()) {
        if (now.ns - source.began().ns >= static_cast<std::uint64_t>(span.count()))
            stop(source, now);
        return;
    }
    const auto image = budget_.begin(now, pause_);
    if (!image) return;
    if (auto begun = source.begin(*image, now); !begun) log::warn("{}", begun.error().message);
}

void SyscallSampling::stop(SyscallSource& source, BootTime now) {
    if (!source.is_counting()) return;
    auto counted = source.end(now);
    if (counted)
        counted_.push_back(*counted);
    else
        log::warn("{}", counted.error().message);
}

} // namespace minewarden::agent
