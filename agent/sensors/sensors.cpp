// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/sensors.h"

#include "common/host/cgroup_mount.h"

namespace minewarden::agent {

template <class Sensor>
std::optional<Sensor> Sensors::keep(std::string_view name, Result<Sensor> result) {
    if (!result) {
        status_.push_back({name, false, std::move(result).error().message, {}});
        return std::nullopt;
    }
    status_.push_back({name, true, {}, {}});
    if constexpr (requires { result->source(); }) status_.back().source = result->source();
    return std::move(*result);
}

Result<std::unique_ptr<Sensors>> Sensors::attach(EventRing::Handler handler) {
    set_up_bpf();
    auto maps = SharedMaps::create();
    if (!maps) return fail(std::move(maps).error());
    std::unique_ptr<Sensors> sensors(new Sensors(std::move(*maps)));
    auto ring = EventRing::open(sensors->maps_, std::move(handler));
    if (!ring) return fail(std::move(ring).error());
    sensors->ring_ = std::move(*ring);

    const SharedMaps& shared = sensors->maps_;
    sensors->processes_ = sensors->keep("process", ProcessSensor::attach(shared));
    const auto cgroup = open_cgroup_root();
    sensors->flows_ =
        sensors->keep("flow", cgroup ? FlowSensor::attach(shared, cgroup->directory.get())
                                     : fail(cgroup.error()));
    sensors->flow_puller_ = sensors->keep(
        "flow-pull", sensors->flows_
                         ? FlowPuller::attach(shared, sensors->flows_->flows_map())
                         : fail(ErrorKind::unavailable, "the flow sensor does not work"));
    if (sensors->flows_)
        sensors->dns_ = sensors->keep("dns", DnsSensor::attach(shared, cgroup->directory.get(),
                                                               sensors->flows_->dns_sockets()));
    sensors->tasks_ = sensors->keep("task", TaskSensor::attach(shared));
    sensors->fp_modes_ = sensors->keep("fp-mode", FpModeSensor::attach(shared));
    sensors->syscalls_ = sensors->keep("syscalls", SyscallSensor::load());
    return sensors;
}

} // namespace minewarden::agent
