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

/// Gathers the holders of connections while a search goes through all descriptors of the host. Its
/// memory depends on the number of connections, not on how often a descriptor was copied.
class HolderSearch {
  public:
    /// Holders kept of one connection; of more, the oldest ones.
    static constexpr std::size_t maximum_holders = 8;

    void add(std::uint64_t flow_id, const abi::subject_id& holder);
    /// The holders of each connection, the most likely owner first.
    [[nodiscard]] const std::unordered_map<std::uint64_t, std::vector<abi::subject_id>>&
    found() const {
        return found_;
    }
    void clear() { found_.clear(); }

  private:
    std::unordered_map<std::uint64_t, std::vector<abi::subject_id>> found_;
};

/// True if a process is `ancestor`, or was forked by it or by one of its descendants.
using DescendsFrom =
    std::function<bool(const abi::subject_id& process, const abi::subject_id& ancestor)>;

/// The holder that was chosen as the owner.
struct OwnerChoice {
    abi::subject_id owner;
    /// It does not descend from the previous owner: another process said what was said so far.
    bool is_stranger = false;
};

/// True if `holder` is the more likely owner: the older one, because children inherit descriptors
/// and parents do not. Init comes last, because it holds sockets for its services.
[[nodiscard]] bool is_likelier(const abi::subject_id& holder, const abi::subject_id& other);

/// Any process can be handed a descriptor that it never asked for (SCM_RIGHTS). So the owner is a
/// holder that descends from `previous`, the process that had the connection or listened for it. If
/// there is none, it is the first holder, provided that all others descend from it. Returns nullopt
/// if no process can be named.
/// REQUIRES: holders as in HolderSearch::found(), not empty
[[nodiscard]] std::optional<OwnerChoice>
choose_owner(std::span<const abi::subject_id> holders,
             const std::optional<abi::subject_id>& previous, const DescendsFrom& descends_from);

} // namespace minewarden::agent
