// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/source.h"

#include <optional>

struct process_bpf;

namespace minewarden::agent {

/// Exec, fork and exit events (kernel/process_abi.h).
class ProcessSource : public Source {
  public:
    ProcessSource();
    ~ProcessSource() override;
    void attach(SourceContext& context) override;
    [[nodiscard]] std::vector<Capability> capabilities() const override { return {capability_}; }
    void stop() override;

  private:
    Capability capability_;
    std::optional<BpfObject<process_bpf>> object_;
    std::vector<BpfLink> links_;
};

} // namespace minewarden::agent
