// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <string_view>

namespace minewarden::lab {

/// The last jobs of a session, each with the shares seen for it. Limited in size.
template <class Job>
class ShareLedger {
  public:
    static constexpr std::size_t maximum_jobs = 4;
    static constexpr std::size_t maximum_shares = 4096;

    const Job& add(Job job) {
        if (entries_.size() == maximum_jobs) entries_.pop_front();
        entries_.push_back({std::move(job), {}});
        return entries_.back().job;
    }

    /// nullptr if the job is unknown or too old.
    [[nodiscard]] const Job* find(std::string_view job_id) const {
        const auto entry =
            std::ranges::find(entries_, job_id, [](const Entry& e) { return e.job.job_id; });
        return entry == entries_.end() ? nullptr : &entry->job;
    }

    /// Returns false for a duplicate share, or if the job has too many shares. REQUIRES:
    /// find(job_id)
    [[nodiscard]] bool remember(std::string_view job_id, std::string share) {
        const auto entry =
            std::ranges::find(entries_, job_id, [](const Entry& e) { return e.job.job_id; });
        if (entry->shares.size() >= maximum_shares) return false;
        return entry->shares.insert(std::move(share)).second;
    }

  private:
    struct Entry {
        Job job;
        std::set<std::string> shares;
    };
    std::deque<Entry> entries_;
};

} // namespace minewarden::lab
