// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/source.h"
#include "kernel/flow_holders_abi.h"

#include <functional>
#include <optional>
#include <span>

struct flow_holders_bpf;

namespace minewarden::agent {

/// Pulls which processes hold descriptors of listeners and of captured connections, in all network
/// namespaces. Costs nothing between calls. Attach it after FlowSource, whose socket storage it
/// reads.
class FlowHolderSource : public Source {
  public:
    FlowHolderSource();
    ~FlowHolderSource() override;
    void attach(SourceContext& context) override;
    [[nodiscard]] std::vector<Capability> capabilities() const override { return {capability_}; }
    void stop() override;

    [[nodiscard]] bool is_attached() const { return iterator_ != nullptr; }

    using OnHolders = std::function<void(std::span<const abi::flow_holder_record>)>;
    /// Passes the holders on in pieces, a holder once for each of its descriptors. Goes through all
    /// descriptors of the host, about 0.1 us each. Any process can make millions of them, so it
    /// stops and returns false after `most_cpu_ns` of CPU time. REQUIRES: is_attached()
    Result<bool> pull(const OnHolders& on_holders, std::uint64_t most_cpu_ns);

  private:
    Capability capability_;
    std::optional<BpfObject<flow_holders_bpf>> object_;
    BpfLink iterator_;
};

} // namespace minewarden::agent
