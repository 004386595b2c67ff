// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/bpf/event_ring.h"
#include "agent/sources/dns/dns_source.h"
#include "agent/sources/flow/flow_source.h"
#include "agent/sources/flow_counts/flow_count_source.h"
#include "agent/sources/flow_holders/flow_holder_source.h"
#include "agent/sources/fp_mode/fp_mode_source.h"
#include "agent/sources/process/process_source.h"
#include "agent/sources/syscalls/syscall_source.h"
#include "agent/sources/task/task_source.h"

#include <memory>
#include <tuple>

namespace minewarden::agent {

/// All sources of this host, attached in the order of the list. A new source is a line in it.
/// --probe, the heartbeat and the gaps read capabilities and counts here.
class SourceRegistry {
  public:
    /// Attaches what this host offers. Fails only if the shared maps cannot be created; then
    /// nothing can be seen. `handler` is called for the events of all sources, in
    /// EventRing::drain().
    static Result<std::unique_ptr<SourceRegistry>> attach(EventRing::Handler handler,
                                                          std::vector<std::string> disabled_hooks);

    [[nodiscard]] EventRing& ring() { return *ring_; }
    [[nodiscard]] const BpfContext& bpf() const { return bpf_; }

    template <class S>
    [[nodiscard]] S& get() {
        return std::get<S>(sources_);
    }

    /// What no source can do without, and then the capabilities of all sources, in the order of the
    /// list.
    [[nodiscard]] std::vector<Capability> capabilities() const;
    /// Adds what user space counts of all sources. What their programs count: errors().
    void count(PlaceCounts& counts) const;
    [[nodiscard]] std::vector<ErrorCount> errors() const { return bpf_.read_errors(); }

    /// Detaches all.
    void stop();

  private:
    explicit SourceRegistry(BpfContext bpf) : bpf_(std::move(bpf)) {}
    template <class Call>
    void for_each(Call call) {
        std::apply([&](auto&... source) { (call(source), ...); }, sources_);
    }
    template <class Call>
    void for_each(Call call) const {
        std::apply([&](const auto&... source) { (call(source), ...); }, sources_);
    }

    BpfContext bpf_;
    Capability cgroup_{.name = "cgroup-root",
                       .purpose = "connections of every process, containers included"};
    std::unique_ptr<EventRing> ring_;
    std::tuple<ProcessSource,    //
               FlowSource,       // before those that use its maps
               DnsSource,        //
               FlowHolderSource, //
               FlowCountSource,  //
               TaskSource,       //
               FpModeSource,     //
               SyscallSource>
        sources_;
};

/// The capabilities of this host, with what is missing. Attaches all sources for a moment. Without
/// root most capabilities are missing.
[[nodiscard]] std::vector<Capability> probe(std::vector<std::string> disabled_hooks);

} // namespace minewarden::agent
