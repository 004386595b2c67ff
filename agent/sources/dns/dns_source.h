// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/source.h"

#include <optional>

struct dns_bpf;

namespace minewarden::agent {

/// Remembers on each socket which process asks a name server. The answers come from the flow
/// source; without this source only those over TCP and on connected datagram sockets, without an
/// owner. Attach it after FlowSource, whose map dns_sockets it fills.
class DnsSource : public Source {
  public:
    DnsSource();
    ~DnsSource() override;
    void attach(SourceContext& context) override;
    [[nodiscard]] std::vector<Capability> capabilities() const override { return {capability_}; }
    void stop() override;

  private:
    Capability capability_;
    std::optional<BpfObject<dns_bpf>> object_;
    std::vector<BpfLink> links_;
};

} // namespace minewarden::agent
