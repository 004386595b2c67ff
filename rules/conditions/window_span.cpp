// SPDX-License-Identifier: Apache-2.0
#include "rules/conditions/window_span.h"

#include <algorithm>

namespace minewarden::rules::conditions {

void FieldSummary::add(std::int64_t value) {
    using Limits = std::numeric_limits<std::int64_t>;
    if (__builtin_add_overflow(sum, value, &sum)) sum = value < 0 ? Limits::min() : Limits::max();
    least = std::min(least, value);
    greatest = std::max(greatest, value);
}

FieldSummary summarise(const WindowSpan& span, std::size_t field, std::size_t windows) {
    FieldSummary summary;
    for (std::size_t back = 0; back < windows; ++back) {
        const bool is_there = back < span.size() && span[back] != nullptr;
        summary.add(is_there ? span[back]->integer(field) : 0);
    }
    return summary;
}

} // namespace minewarden::rules::conditions
