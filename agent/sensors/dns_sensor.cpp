// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/dns_sensor.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <dns.skel.h>

namespace minewarden::agent {

DnsSensor::DnsSensor(SkeletonOwner<dns_bpf> skeleton) : skeleton_(std::move(skeleton)) {
}
DnsSensor::DnsSensor(DnsSensor&&) noexcept = default;
DnsSensor& DnsSensor::operator=(DnsSensor&&) noexcept = default;
DnsSensor::~DnsSensor() = default;

Result<DnsSensor> DnsSensor::attach(const SharedMaps& maps, int cgroup_root, int dns_sockets) {
    SkeletonOwner<dns_bpf> skeleton(dns_bpf::open());
    if (!skeleton) return fail(bpf_error("cannot open the DNS sensor", errno));
    if (auto shared = maps.share_with(skeleton->obj); !shared) return fail(shared.error());
    if (const int error = bpf_map__reuse_fd(skeleton->maps.dns_sockets, dns_sockets); error != 0)
        return fail(bpf_error("cannot share the map dns_sockets", -error));
    if (const int error = dns_bpf::load(skeleton.get()); error != 0)
        return fail(bpf_error("cannot load the DNS sensor", -error));
    DnsSensor sensor(std::move(skeleton));
    const auto& programs = sensor.skeleton_->progs;
    for (const bpf_program* program :
         {programs.on_connect4, programs.on_connect6, programs.on_send4, programs.on_send6}) {
        BpfLink link(bpf_program__attach_cgroup(program, cgroup_root));
        if (!link) return fail(bpf_error("cannot attach to the cgroup root", errno));
        sensor.links_.push_back(std::move(link));
    }
    return sensor;
}

} // namespace minewarden::agent
