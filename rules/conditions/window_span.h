// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/observation/observation.h"

#include <limits>
#include <span>
#include <vector>

namespace minewarden::rules::conditions {

inline constexpr std::int64_t maximum_windows = 30; ///< maximum span of an aggregate

/// Summary of a whole-number field over some windows. A window without a value counts as 0.
struct FieldSummary {
    std::int64_t sum = 0; ///< saturates instead of overflowing
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t greatest = std::numeric_limits<std::int64_t>::min();

    void add(std::int64_t value);
};

/// Caches the summaries of one row of windows, so that each is computed once for all rules. Not
/// thread-safe.
class SummaryCache {
  public:
    struct Slot {
        std::uint64_t row = 0; ///< the row that the summary belongs to
        FieldSummary summary;
    };

    /// Starts a new row: invalidates all summaries.
    void begin_row() { ++row_; }
    [[nodiscard]] std::uint64_t row() const { return row_; }
    /// REQUIRES: 1 <= windows <= maximum_windows. Valid until the next call.
    [[nodiscard]] Slot& slot(std::size_t field, std::size_t windows) {
        const std::size_t place = field * static_cast<std::size_t>(maximum_windows) + windows - 1;
        if (place >= slots_.size()) slots_.resize(place + 1);
        return slots_[place];
    }

  private:
    std::uint64_t row_ = 1;
    std::vector<Slot> slots_;
};

/// The tested observation (element 0) and those of the same entity in earlier windows: element i is
/// from i windows ago, nullptr if there was none. Non-owning.
class WindowSpan {
  public:
    /// `summaries`: a cache after begin_row() for these windows, or nullptr.
    explicit WindowSpan(std::span<const Observation* const> windows,
                        SummaryCache* summaries = nullptr)
        : windows_(windows), summaries_(summaries) {}

    [[nodiscard]] bool empty() const { return windows_.empty(); }
    [[nodiscard]] std::size_t size() const { return windows_.size(); }
    [[nodiscard]] const Observation* operator[](std::size_t back) const { return windows_[back]; }
    /// The span as it was `back` windows ago. REQUIRES: back <= size()
    [[nodiscard]] WindowSpan from(std::size_t back) const {
        return WindowSpan(windows_.subspan(back));
    }
    /// nullptr if summaries are not cached.
    [[nodiscard]] SummaryCache* summaries() const { return summaries_; }

  private:
    std::span<const Observation* const> windows_;
    SummaryCache* summaries_;
};

/// Computes the summary of a field over the last `windows` windows, without the cache.
/// REQUIRES: 1 <= windows <= maximum_windows
[[nodiscard]] FieldSummary summarise(const WindowSpan& span, std::size_t field,
                                     std::size_t windows);

/// The same, through the cache of the span if it has one.
[[nodiscard]] inline FieldSummary summary_of(const WindowSpan& span, std::size_t field,
                                             std::size_t windows) {
    SummaryCache* shared = span.summaries();
    if (shared == nullptr) return summarise(span, field, windows);
    SummaryCache::Slot& slot = shared->slot(field, windows);
    if (slot.row != shared->row()) slot = {shared->row(), summarise(span, field, windows)};
    return slot.summary;
}

} // namespace minewarden::rules::conditions
