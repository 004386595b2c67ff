// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sensors/bpf.h"

struct dns_bpf;

namespace minewarden::agent {

/// Remembers on each socket who asks a name server, for as long as the object lives. The answers
/// come through the flow sensor; without this one only those of TCP and of connected datagram
/// sockets, and without an owner.
class DnsSensor {
  public:
    /// `cgroup_root`: an open directory of the cgroup v2 root; `dns_sockets`: the flow sensor's
    /// map. Both are used during the call only.
    static Result<DnsSensor> attach(const SharedMaps& maps, int cgroup_root, int dns_sockets);
    DnsSensor(DnsSensor&&) noexcept;
    DnsSensor& operator=(DnsSensor&&) noexcept;
    ~DnsSensor();

  private:
    explicit DnsSensor(SkeletonOwner<dns_bpf> skeleton);
    SkeletonOwner<dns_bpf> skeleton_;
    std::vector<BpfLink> links_;
};

} // namespace minewarden::agent
