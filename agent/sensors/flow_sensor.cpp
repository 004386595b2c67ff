// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/flow_sensor.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <flow.skel.h>

namespace minewarden::agent {

FlowSensor::FlowSensor(SkeletonOwner<flow_bpf> skeleton) : skeleton_(std::move(skeleton)) {
}
FlowSensor::FlowSensor(FlowSensor&&) noexcept = default;
FlowSensor& FlowSensor::operator=(FlowSensor&&) noexcept = default;
FlowSensor::~FlowSensor() = default;

int FlowSensor::flows_map() const {
    return bpf_map__fd(skeleton_->maps.flows);
}

int FlowSensor::dns_sockets() const {
    return bpf_map__fd(skeleton_->maps.dns_sockets);
}

Result<FlowSensor> FlowSensor::attach(const SharedMaps& maps, int cgroup_root) {
    SkeletonOwner<flow_bpf> skeleton(flow_bpf::open());
    if (!skeleton) return fail(bpf_error("cannot open the flow sensor", errno));
    if (auto shared = maps.share_with(skeleton->obj); !shared) return fail(shared.error());
    if (const int error = flow_bpf::load(skeleton.get()); error != 0)
        return fail(bpf_error("cannot load the flow sensor", -error));
    FlowSensor sensor(std::move(skeleton));
    const auto& programs = sensor.skeleton_->progs;
    // Packets first, so that no connection is known whose first payload could not be seen.
    for (const bpf_program* program : {programs.on_egress, programs.on_ingress}) {
        BpfLink link(bpf_program__attach_cgroup(program, cgroup_root));
        if (!link) return fail(bpf_error("cannot attach to the cgroup root", errno));
        sensor.links_.push_back(std::move(link));
    }
    BpfLink link(bpf_program__attach(programs.on_socket_state));
    if (!link) return fail(bpf_error("cannot attach to inet_sock_set_state", errno));
    sensor.links_.push_back(std::move(link));
    return sensor;
}

} // namespace minewarden::agent
