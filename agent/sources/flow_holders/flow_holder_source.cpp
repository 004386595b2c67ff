// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/flow_holders/flow_holder_source.h"

#include "agent/sources/bpf/iterator.h"

#include <bpf/libbpf.h>

#include <array>
#include <flow_holders.skel.h>

namespace minewarden::agent {
namespace {

constexpr std::string_view kernel_remedy = "use Linux 5.10 or later with BTF";
constexpr std::array<Way, 2> ways{{
    {"pull_holders", "descriptor iterator, socket storage"},
    {"pull_holders_by_cookie", "descriptor iterator, socket cookies"},
}};

} // namespace

FlowHolderSource::FlowHolderSource()
    : capability_{.name = "socket-holder",
                  .purpose = "owners of accepted connections, and of those older than the agent"} {
}
FlowHolderSource::~FlowHolderSource() = default;

void FlowHolderSource::attach(SourceContext& context) {
    auto object = BpfObject<flow_holders_bpf>::load(context.bpf);
    if (!object) return rule_out(capability_, object.error(), kernel_remedy);
    object_.emplace(std::move(*object));
    auto& programs = (*object_)->progs;
    for (bpf_program* program : {programs.pull_holders, programs.pull_holders_by_cookie}) {
        iterator_ = object_->attach(program, [](const bpf_program* loaded) {
            return bpf_program__attach_iter(loaded, nullptr);
        });
        if (iterator_) break;
    }
    choose(capability_, ways, object_->missing(), kernel_remedy);
}

void FlowHolderSource::stop() {
    iterator_.reset();
    object_.reset();
}

Result<bool> FlowHolderSource::pull(const OnHolders& on_holders, std::uint64_t most_cpu_ns) {
    return pull_in_pieces(iterator_.get(), "flow_holders", on_holders, most_cpu_ns);
}

} // namespace minewarden::agent
