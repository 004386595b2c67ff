// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/source.h"
#include "kernel/flow_counts_abi.h"

#include <functional>
#include <optional>
#include <span>

struct flow_counts_bpf;

namespace minewarden::agent {

/// Pulls how much each connection has carried, in all network namespaces. Costs nothing between
/// calls. Attach it after FlowSource, whose socket storage it reads.
class FlowCountSource : public Source {
  public:
    FlowCountSource();
    ~FlowCountSource() override;
    void attach(SourceContext& context) override;
    [[nodiscard]] std::vector<Capability> capabilities() const override { return {capability_}; }
    void stop() override;

    [[nodiscard]] bool is_attached() const { return iterator_ != nullptr; }
    /// True if a pull shows every open connection. False if it goes through descriptors: then it
    /// misses connections of which no process holds a descriptor, for a moment (while it is passed
    /// on in a message) or for long (registered with io_uring and closed).
    [[nodiscard]] bool sees_every_socket() const { return sees_every_socket_; }

    using OnCounts = std::function<void(std::span<const abi::flow_counts_record>)>;
    /// Passes the counts on in pieces. A connection can come more than once. Stops and returns
    /// false after `most_cpu_ns` of CPU time. REQUIRES: is_attached()
    Result<bool> pull(const OnCounts& on_counts, std::uint64_t most_cpu_ns);

  private:
    Capability capability_;
    std::optional<BpfObject<flow_counts_bpf>> object_;
    BpfLink iterator_;
    bool sees_every_socket_ = false;
};

} // namespace minewarden::agent
