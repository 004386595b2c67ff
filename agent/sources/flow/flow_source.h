// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/source.h"

#include <deque>
#include <optional>
#include <span>

struct flow_bpf;
struct flow_sockops_bpf;

namespace minewarden::agent {

/// TCP connections with their owner and first payload, and listening sockets: events of
/// kernel/flow_abi.h.
class FlowSource : public Source {
  public:
    FlowSource();
    ~FlowSource() override;
    void attach(SourceContext& context) override;
    [[nodiscard]] std::vector<Capability> capabilities() const override {
        return {owners_, payload_};
    }
    void stop() override;

    /// From their next payload on, these connections are reported again (FLOW_READ_AGAIN) and
    /// captured as if they were older than the agent. If more than FLOW_MARKS_MAXIMUM wait for
    /// that, the oldest ones are given up and returned.
    Result<std::vector<std::uint64_t>> read_again(std::span<const std::uint64_t> flow_ids);

  private:
    void attach_packets(const SourceContext& context);
    void attach_states(SourceContext& context);

    Capability owners_;
    Capability payload_;
    std::optional<BpfObject<flow_bpf>> object_;
    std::optional<BpfObject<flow_sockops_bpf>> operations_; ///< if the tracepoint is missing
    std::vector<BpfLink> links_;
    std::deque<std::uint64_t> marked_; ///< oldest first; the kernel may have removed the mark
};

} // namespace minewarden::agent
