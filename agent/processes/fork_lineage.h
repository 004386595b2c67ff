// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "rules/observation/observation.h"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace minewarden::agent {

/// Who forked whom without an exec in between: such a child runs its parent's program, so what it
/// computes is evidence about the same program. A child that execs leaves.
///
/// When a member ends, its children pass to whom it belonged itself, or stay with it as their
/// founder: so a chain in which each process forks the next and ends has one owner all along, the
/// first of it, which is kept for as long as the chain lives.
class ForkLineage {
  public:
    void on_fork(const rules::ImageKey& parent, const rules::ImageKey& child);

    /// `image` exits or becomes another program. Returns the images that nothing is left of: it,
    /// unless forks of it live on, and founders whose last fork it was.
    std::vector<rules::ImageKey> on_departure(const rules::ImageKey& image);

    /// Nearest ancestor in the same program, ended only if it is a founder.
    [[nodiscard]] std::optional<rules::ImageKey> owner_of(const rules::ImageKey& image) const;

    /// To whom the work of a process counts: up through ancestors for as long as they are young
    /// themselves and have an owner that lives. The process itself if it has no owner or is not
    /// young. Young is what started after `young_since`.
    [[nodiscard]] rules::ImageKey credited(const rules::ImageKey& image,
                                           BootTime young_since) const;

    /// Forks of it that live now, direct ones.
    [[nodiscard]] std::vector<rules::ImageKey> forks_of(const rules::ImageKey& image) const;
    [[nodiscard]] std::size_t size() const { return members_.size(); }

    /// Past this many members new forks are not followed.
    static constexpr std::size_t maximum_members = 65536;

  private:
    struct Member {
        std::optional<rules::ImageKey> owner;
        std::set<rules::ImageKey> forks;
        bool ended = false;
    };
    /// Takes `image` from its owner; the owner, if that was the last fork of an ended one.
    std::optional<rules::ImageKey> leave(const rules::ImageKey& image, const Member& member);

    std::map<rules::ImageKey, Member> members_; ///< those with an owner or with forks
};

} // namespace minewarden::agent
