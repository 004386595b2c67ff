// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/dns/dns_source.h"

#include <bpf/libbpf.h>

#include <array>
#include <dns.skel.h>

namespace minewarden::agent {
namespace {

constexpr std::string_view kernel_remedy = "use Linux 5.10 or later with CONFIG_CGROUP_BPF";
constexpr std::array<NeededProgram, 4> needed{{
    {"on_connect4", "names asked over IPv4 by connected sockets have no owner"},
    {"on_connect6", "names asked over IPv6 by connected sockets have no owner"},
    {"on_send4", "names asked over IPv4 by other sockets are not seen"},
    {"on_send6", "names asked over IPv6 by other sockets are not seen"},
}};

} // namespace

DnsSource::DnsSource()
    : capability_{.name = "dns-owner", .purpose = "which process asked for a name"} {
}
DnsSource::~DnsSource() = default;

void DnsSource::attach(SourceContext& context) {
    if (!context.cgroup_root)
        return rule_out(capability_, context.cgroup_root.error(), kernel_remedy);
    auto object = BpfObject<dns_bpf>::load(context.bpf);
    if (!object) return rule_out(capability_, object.error(), kernel_remedy);
    object_.emplace(std::move(*object));
    auto& programs = (*object_)->progs;
    for (bpf_program* program :
         {programs.on_connect4, programs.on_connect6, programs.on_send4, programs.on_send6})
        links_.push_back(object_->attach(program, [&](const bpf_program* loaded) {
            return bpf_program__attach_cgroup(loaded, context.cgroup_root->directory.get());
        }));
    capability_.source = "connect and sendmsg of the cgroup root";
    assess(capability_, needed, object_->missing(), kernel_remedy);
}

void DnsSource::stop() {
    links_.clear();
    object_.reset();
}

} // namespace minewarden::agent
