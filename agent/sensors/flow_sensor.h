// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sensors/bpf.h"

struct flow_bpf;

namespace minewarden::agent {

/// TCP connections with their owner and first payload, into the shared ring, for as long as the
/// object lives.
class FlowSensor {
  public:
    /// `cgroup_root`: an open directory of the cgroup v2 root; used during the call only.
    static Result<FlowSensor> attach(const SharedMaps& maps, int cgroup_root);
    FlowSensor(FlowSensor&&) noexcept;
    FlowSensor& operator=(FlowSensor&&) noexcept;
    ~FlowSensor();

    /// The socket storage, for FlowPuller.
    [[nodiscard]] int flows_map() const;
    /// The map in which the DNS sensor leaves who asks; it lives as long as this object.
    [[nodiscard]] int dns_sockets() const;

  private:
    explicit FlowSensor(SkeletonOwner<flow_bpf> skeleton);
    SkeletonOwner<flow_bpf> skeleton_;
    std::vector<BpfLink> links_;
};

} // namespace minewarden::agent
