// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "rules/observation/observation.h"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace minewarden::agent {

/// Knows which process is a fork of which. A fork runs its parent's program until it execs, so what
/// it computes is evidence about the same program.
///
/// When a process departs, its forks pass to its own owner. If it has none, it stays their owner,
/// as their founder. So in a chain in which each process forks the next one and ends, the first
/// process is the owner of all, and is kept for as long as the chain lives.
class ForkLineage {
  public:
    void on_fork(const rules::ImageKey& parent, const rules::ImageKey& child);

    /// `image` has ended or was replaced. Returns the images of which nothing is left: `image`
    /// itself, unless it has forks that live, and a founder whose last fork it was.
    std::vector<rules::ImageKey> on_departure(const rules::ImageKey& image);

    /// The nearest ancestor that runs the same program, or the founder.
    [[nodiscard]] std::optional<rules::ImageKey> owner_of(const rules::ImageKey& image) const;

    /// The process to which the work of `image` is credited. Young processes, those that started
    /// after `young_since`, pass their work on to their owner, for as long as there is one that
    /// lives. An image that is not young, or has no owner, keeps its own.
    [[nodiscard]] rules::ImageKey credited(const rules::ImageKey& image,
                                           BootTime young_since) const;

    /// The forks that it owns now.
    [[nodiscard]] std::vector<rules::ImageKey> forks_of(const rules::ImageKey& image) const;
    [[nodiscard]] std::size_t size() const { return members_.size(); }

    /// With more members, further forks are not followed.
    static constexpr std::size_t maximum_members = 65536;

  private:
    struct Member {
        std::optional<rules::ImageKey> owner;
        std::set<rules::ImageKey> forks;
        bool ended = false; ///< a founder
    };
    /// Removes `image` from its owner. Returns the owner if it is a founder without forks now.
    std::optional<rules::ImageKey> leave(const rules::ImageKey& image, const Member& member);

    std::map<rules::ImageKey, Member> members_; ///< images with an owner or with forks
};

} // namespace minewarden::agent
