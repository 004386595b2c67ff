// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sensors/bpf.h"
#include "kernel/flow_pull_abi.h"

#include <functional>
#include <span>

struct flow_pull_bpf;
struct flow_holders_bpf;

namespace minewarden::agent {

/// Asks the sockets of all network namespaces. Costs nothing between calls.
class FlowPuller {
  public:
    /// `flows_map`: the socket storage of the flow sensor; used during the call only.
    /// `prefer_storage`: ask the socket storage where the kernel allows that to an iterator of
    /// descriptors (Linux 5.11); else cookies are compared.
    static Result<FlowPuller> attach(const SharedMaps& maps, int flows_map,
                                     bool prefer_storage = true);
    FlowPuller(FlowPuller&&) noexcept;
    FlowPuller& operator=(FlowPuller&&) noexcept;
    ~FlowPuller();

    using OnHolders = std::function<void(std::span<const abi::flow_holder_record>)>;
    /// Tells piece by piece who holds descriptors of listeners, and of captured connections; the
    /// same holder once for each of its descriptors. Looks at every descriptor of the host, about
    /// 0.1 us each, but gives up after `most_cpu_ns`, for anybody can make millions of them: false
    /// if it did.
    Result<bool> pull_holders(const OnHolders& on_holders, std::uint64_t most_cpu_ns);
    /// How holders are recognised.
    [[nodiscard]] std::string_view source() const;
    /// How much each connection has carried that has a state of its own. Likewise valid.
    Result<std::span<const abi::flow_counts_record>> pull_counts();
    /// From their next payload on, these connections are told of again (FLOW_READ_AGAIN) and
    /// captured as if they were older than the agent. Those that have ended are passed over.
    /// REQUIRES: at most FLOW_READ_AGAIN_MAXIMUM
    Result<void> read_again(std::span<const std::uint64_t> flow_ids);

  private:
    FlowPuller(SkeletonOwner<flow_pull_bpf> skeleton, SkeletonOwner<flow_holders_bpf> by_cookie,
               BpfLink holders, BpfLink counts, BpfLink read_again);
    SkeletonOwner<flow_pull_bpf> skeleton_;
    SkeletonOwner<flow_holders_bpf> by_cookie_; ///< nullptr where the storage can be asked
    BpfLink holders_;
    BpfLink counts_;
    BpfLink read_again_;
    std::string buffer_;
    std::vector<abi::flow_counts_record> counts_records_;
};

} // namespace minewarden::agent
