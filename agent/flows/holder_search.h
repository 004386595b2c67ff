// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/subject_abi.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace minewarden::agent {

/// Gathers who holds the descriptors of connections while all descriptors of the host are gone
/// through. Its memory goes by the connections, however often a descriptor is copied.
class HolderSearch {
  public:
    /// Of a connection with more holders the oldest ones are kept.
    static constexpr std::size_t most_holders = 8;

    void add(std::uint64_t flow_id, const abi::subject_id& holder);
    /// The holders of each connection, the likeliest owner first.
    [[nodiscard]] const std::unordered_map<std::uint64_t, std::vector<abi::subject_id>>&
    found() const {
        return found_;
    }
    void clear() { found_.clear(); }

  private:
    std::unordered_map<std::uint64_t, std::vector<abi::subject_id>> found_;
};

/// Whether a process is `ancestor`, or was forked by it or by one of its descendants.
using DescendsFrom =
    std::function<bool(const abi::subject_id& process, const abi::subject_id& ancestor)>;

/// Who of several holders it is.
struct OwnerChoice {
    abi::subject_id owner;
    /// Not of the family of who had the connection before: what was said on it until now was not
    /// said by this one.
    bool is_stranger = false;
};

/// Of two holders the likelier owner: the older, for a descriptor is inherited by children and not
/// by parents. Init comes last, for it holds sockets for its services.
[[nodiscard]] bool is_likelier(const abi::subject_id& holder, const abi::subject_id& other);

/// Any process can be handed a descriptor that it never asked for (SCM_RIGHTS). So of the holders
/// one is taken that descends from `before`, who had the connection or listened for it; without
/// such a one the first, provided that all others descend from it. nullopt: nobody can be named.
/// REQUIRES: holders as in HolderSearch::found(), not empty
[[nodiscard]] std::optional<OwnerChoice> choose_owner(std::span<const abi::subject_id> holders,
                                                      const std::optional<abi::subject_id>& before,
                                                      const DescendsFrom& descends_from);

} // namespace minewarden::agent
