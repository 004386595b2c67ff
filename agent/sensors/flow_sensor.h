// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sensors/bpf.h"

struct flow_bpf;
struct flow_sockops_bpf;

namespace minewarden::agent {

enum class FlowSource {
    tracepoint,        ///< inet_sock_set_state (Linux 5.11), where it is refused the next
    socket_operations, ///< sockops of the cgroup root
};

/// TCP connections with their owner and first payload, into the shared ring, for as long as the
/// object lives.
class FlowSensor {
  public:
    /// `cgroup_root`: an open directory of the cgroup v2 root; used during the call only.
    static Result<FlowSensor> attach(const SharedMaps& maps, int cgroup_root,
                                     FlowSource preferred = FlowSource::tracepoint);
    FlowSensor(FlowSensor&&) noexcept;
    FlowSensor& operator=(FlowSensor&&) noexcept;
    ~FlowSensor();

    /// The socket storage, for FlowPuller.
    [[nodiscard]] int flows_map() const;
    /// The map in which the DNS sensor leaves who asks; it lives as long as this object.
    [[nodiscard]] int dns_sockets() const;
    /// Which hook tells owners, openings and ends.
    [[nodiscard]] std::string_view source() const;

  private:
    explicit FlowSensor(SkeletonOwner<flow_bpf> skeleton);
    Result<void> attach_packets(int cgroup_root);
    Result<void> attach_states();
    Result<void> attach_operations(const SharedMaps& maps, int cgroup_root);

    SkeletonOwner<flow_bpf> skeleton_;
    SkeletonOwner<flow_sockops_bpf> operations_; ///< nullptr where the tracepoint is used
    std::vector<BpfLink> links_;
};

} // namespace minewarden::agent
