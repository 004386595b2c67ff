// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/process_sensor.h"

#include <cerrno>
#include <process.skel.h>

namespace minewarden::agent {

ProcessSensor::ProcessSensor(SkeletonOwner<process_bpf> skeleton) : skeleton_(std::move(skeleton)) {
}
ProcessSensor::ProcessSensor(ProcessSensor&&) noexcept = default;
ProcessSensor& ProcessSensor::operator=(ProcessSensor&&) noexcept = default;
ProcessSensor::~ProcessSensor() = default;

Result<ProcessSensor> ProcessSensor::attach(const SharedMaps& maps) {
    SkeletonOwner<process_bpf> skeleton(process_bpf::open());
    if (!skeleton) return fail(bpf_error("cannot open the process sensor", errno));
    if (auto shared = maps.share_with(skeleton->obj); !shared) return fail(shared.error());
    if (const int error = process_bpf::load(skeleton.get()); error != 0)
        return fail(bpf_error("cannot load the process sensor", -error));
    if (const int error = process_bpf::attach(skeleton.get()); error != 0)
        return fail(bpf_error("cannot attach the process sensor", -error));
    return ProcessSensor(std::move(skeleton));
}

} // namespace minewarden::agent
