// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/flow_sensor.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <flow.skel.h>
#include <flow_sockops.skel.h>

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

std::string_view FlowSensor::source() const {
    return operations_ ? "sockops of the cgroup root" : "inet_sock_set_state";
}

namespace {

Result<SkeletonOwner<flow_bpf>> load_flow(const SharedMaps& maps, bool with_tracepoint) {
    SkeletonOwner<flow_bpf> skeleton(flow_bpf::open());
    if (!skeleton) return fail(bpf_error("cannot open the flow sensor", errno));
    bpf_program__set_autoload(skeleton->progs.on_socket_state, with_tracepoint);
    if (auto shared = maps.share_with(skeleton->obj); !shared)
        return fail(std::move(shared).error());
    if (const int error = flow_bpf::load(skeleton.get()); error != 0)
        return fail(bpf_error("cannot load the flow sensor", -error));
    return skeleton;
}

} // namespace

Result<void> FlowSensor::attach_packets(int cgroup_root) {
    const auto& programs = skeleton_->progs;
    for (const bpf_program* program : {programs.on_egress, programs.on_ingress}) {
        BpfLink link(bpf_program__attach_cgroup(program, cgroup_root));
        if (!link) return fail(bpf_error("cannot attach to the cgroup root", errno));
        links_.push_back(std::move(link));
    }
    return {};
}

Result<void> FlowSensor::attach_states() {
    BpfLink link(bpf_program__attach(skeleton_->progs.on_socket_state));
    if (!link) return fail(bpf_error("cannot attach to inet_sock_set_state", errno));
    links_.push_back(std::move(link));
    return {};
}

Result<void> FlowSensor::attach_operations(const SharedMaps& maps, int cgroup_root) {
    SkeletonOwner<flow_sockops_bpf> skeleton(flow_sockops_bpf::open());
    if (!skeleton) return fail(bpf_error("cannot open the socket operations", errno));
    if (auto shared = maps.share_with(skeleton->obj); !shared) return shared;
    const auto& own = skeleton->maps;
    if (bpf_map__reuse_fd(own.flows, flows_map()) != 0 ||
        bpf_map__reuse_fd(own.capture_budgets, bpf_map__fd(skeleton_->maps.capture_budgets)) != 0)
        return fail(bpf_error("cannot share the maps of the flow sensor", errno));
    if (const int error = flow_sockops_bpf::load(skeleton.get()); error != 0)
        return fail(bpf_error("cannot load the socket operations", -error));
    BpfLink link(bpf_program__attach_cgroup(skeleton->progs.on_socket_operation, cgroup_root));
    if (!link) return fail(bpf_error("cannot attach socket operations to the cgroup root", errno));
    links_.push_back(std::move(link));
    operations_ = std::move(skeleton);
    return {};
}

Result<FlowSensor> FlowSensor::attach(const SharedMaps& maps, int cgroup_root,
                                      FlowSource preferred) {
    bool by_tracepoint = preferred == FlowSource::tracepoint;
    auto skeleton = load_flow(maps, by_tracepoint);
    if (!skeleton && by_tracepoint) {
        by_tracepoint = false;
        skeleton = load_flow(maps, false);
    }
    if (!skeleton) return fail(std::move(skeleton).error());
    FlowSensor sensor(std::move(*skeleton));
    // Packets first, so that no connection is known whose first payload could not be seen.
    if (auto attached = sensor.attach_packets(cgroup_root); !attached)
        return fail(std::move(attached).error());
    auto attached =
        by_tracepoint ? sensor.attach_states() : sensor.attach_operations(maps, cgroup_root);
    if (!attached) return fail(std::move(attached).error());
    return sensor;
}

} // namespace minewarden::agent
