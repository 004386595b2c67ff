// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/store.h"

#include <atomic>

namespace minewarden::test {

/// Another store whose commits can be made to fail.
class FailingStore final : public collector::Store {
  public:
    explicit FailingStore(collector::Store& store) : store_(store) {}
    std::atomic<bool> is_full{false};
    std::atomic<int> failures{0};

    Result<collector::Outcome> commit(std::span<const collector::Arrival> arrivals,
                                      WallTime now) override {
        if (!is_full) return store_.commit(arrivals, now);
        ++failures;
        return fail(ErrorKind::unavailable, "database or disk is full");
    }
    Result<collector::FindingPage> findings(const collector::FindingFilter& filter) override {
        return store_.findings(filter);
    }
    Result<std::vector<collector::StoredFinding>> find(const collector::FindingIdPrefix& id,
                                                       std::size_t limit) override {
        return store_.find(id, limit);
    }
    Result<std::vector<collector::StoredFinding>>
    history(const CurvePublicKey& agent, const FindingId& id, std::size_t limit) override {
        return store_.history(agent, id, limit);
    }
    Result<std::vector<collector::StoredAgent>> agents() override { return store_.agents(); }
    Result<collector::GapPage> gaps(const collector::GapFilter& filter) override {
        return store_.gaps(filter);
    }
    Result<collector::VisibilityPage>
    visibility(const collector::VisibilityFilter& filter) override {
        return store_.visibility(filter);
    }
    Result<std::optional<collector::StoredFinding>> finding_at(collector::Cursor cursor) override {
        return store_.finding_at(cursor);
    }
    Result<void>
    put_recomputations(std::span<const collector::RecomputedFinding> recomputed) override {
        if (is_full) return fail(ErrorKind::unavailable, "database or disk is full");
        return store_.put_recomputations(recomputed);
    }
    Result<std::optional<wire::RuleSet>> rule_set(const Digest& digest) override {
        return store_.rule_set(digest);
    }
    Result<collector::StoreStatus> status() override {
        if (is_full) return fail(ErrorKind::unavailable, "the store is away");
        return store_.status();
    }

  private:
    collector::Store& store_;
};

} // namespace minewarden::test
