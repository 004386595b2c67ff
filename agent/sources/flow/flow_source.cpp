// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/flow/flow_source.h"

#include "kernel/flow_abi.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <array>
#include <cerrno>
#include <flow.skel.h>
#include <flow_sockops.skel.h>

namespace minewarden::agent {
namespace {

constexpr std::string_view kernel_remedy = "use Linux 5.10 or later with CONFIG_CGROUP_BPF";
constexpr std::array<NeededProgram, 2> packet_programs{{
    {"on_egress", "what processes send is not read"},
    {"on_ingress", "what processes receive is not read, nor are answers of name servers"},
}};
constexpr std::array<Way, 2> state_programs{{
    {"on_socket_state", "inet_sock_set_state"},
    {"on_socket_operation", "sockops of the cgroup root"},
}};

} // namespace

FlowSource::FlowSource()
    : owners_{.name = "connection-owner", .purpose = "which process opened a connection"},
      payload_{.name = "first-payload", .purpose = "pool protocols in clear text"} {
}
FlowSource::~FlowSource() = default;

void FlowSource::attach(SourceContext& context) {
    auto object = BpfObject<flow_bpf>::load(context.bpf);
    if (!object) {
        rule_out(owners_, object.error(), kernel_remedy);
        return rule_out(payload_, object.error(), kernel_remedy);
    }
    object_.emplace(std::move(*object));
    // Packets first, so that the first payload of every known connection can be seen.
    attach_packets(context);
    attach_states(context);
}

void FlowSource::attach_packets(const SourceContext& context) {
    if (!context.cgroup_root) return rule_out(payload_, context.cgroup_root.error(), kernel_remedy);
    auto& programs = (*object_)->progs;
    for (bpf_program* program : {programs.on_egress, programs.on_ingress})
        links_.push_back(object_->attach(program, [&](const bpf_program* loaded) {
            return bpf_program__attach_cgroup(loaded, context.cgroup_root->directory.get());
        }));
    payload_.source = "cgroup_skb with socket storage";
    assess(payload_, packet_programs, object_->missing(), kernel_remedy);
}

void FlowSource::attach_states(SourceContext& context) {
    links_.push_back(object_->attach((*object_)->progs.on_socket_state, bpf_program__attach));
    std::vector<MissingProgram> missing = object_->missing();
    if (!links_.back()) {
        auto operations = context.cgroup_root ? BpfObject<flow_sockops_bpf>::load(context.bpf)
                                              : fail(context.cgroup_root.error());
        if (!operations) return rule_out(owners_, operations.error(), kernel_remedy);
        operations_.emplace(std::move(*operations));
        links_.push_back(operations_->attach(
            (*operations_)->progs.on_socket_operation, [&](const bpf_program* loaded) {
                return bpf_program__attach_cgroup(loaded, context.cgroup_root->directory.get());
            }));
        missing.insert(missing.end(), operations_->missing().begin(), operations_->missing().end());
    }
    choose(owners_, state_programs, missing, kernel_remedy);
}

void FlowSource::stop() {
    links_.clear();
    operations_.reset();
    object_.reset();
}

Result<std::vector<std::uint64_t>> FlowSource::read_again(std::span<const std::uint64_t> flow_ids) {
    std::vector<std::uint64_t> given_up;
    if (!object_) return given_up;
    const int map = bpf_map__fd((*object_)->maps.reading_marks);
    for (const std::uint64_t flow_id : flow_ids) {
        if (marked_.size() >= FLOW_MARKS_MAXIMUM) {
            // The mark is gone if the connection has carried payload since.
            if (bpf_map_delete_elem(map, &marked_.front()) == 0)
                given_up.push_back(marked_.front());
            marked_.pop_front();
        }
        const std::uint8_t mark = 1;
        if (bpf_map_update_elem(map, &flow_id, &mark, BPF_ANY) != 0)
            return fail(bpf_error("cannot mark a connection to be read again", errno));
        marked_.push_back(flow_id);
    }
    if (!flow_ids.empty()) (*object_)->bss->reading_round++;
    return given_up;
}

} // namespace minewarden::agent
