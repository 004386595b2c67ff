// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sensors/dns_sensor.h"
#include "agent/sensors/event_ring.h"
#include "agent/sensors/flow_puller.h"
#include "agent/sensors/flow_sensor.h"
#include "agent/sensors/fp_mode_sampler.h"
#include "agent/sensors/process_sensor.h"
#include "agent/sensors/syscall_sensor.h"
#include "agent/sensors/task_sensor.h"

#include <optional>

namespace minewarden::agent {

struct SensorStatus {
    std::string_view name;
    bool working = false;
    std::string problem; ///< why not
    std::string source;  ///< which of several ways works here; "" if there is only one
};

/// All kernel sensors. One that cannot be attached is reported and left out; the others go on.
class Sensors {
  public:
    /// Fails only if the shared maps cannot be made: then there is nothing to see at all.
    static Result<std::unique_ptr<Sensors>> attach(EventRing::Handler handler);

    [[nodiscard]] EventRing& ring() { return *ring_; }
    [[nodiscard]] std::optional<TaskSensor>& tasks() { return tasks_; }
    [[nodiscard]] std::optional<FlowPuller>& flow_puller() { return flow_puller_; }
    /// The rounding-mode sensor, once: its sampler takes it along.
    [[nodiscard]] std::optional<FpModeSensor> take_fp_modes() {
        return std::exchange(fp_modes_, std::nullopt);
    }
    /// Loaded, not attached.
    [[nodiscard]] std::optional<SyscallSensor>& syscalls() { return syscalls_; }
    [[nodiscard]] const std::vector<SensorStatus>& status() const { return status_; }
    [[nodiscard]] std::vector<ErrorCount> errors() const { return maps_.read_errors(); }

  private:
    explicit Sensors(SharedMaps maps) : maps_(std::move(maps)) {}
    template <class Sensor>
    std::optional<Sensor> keep(std::string_view name, Result<Sensor> result);

    SharedMaps maps_;
    std::unique_ptr<EventRing> ring_;
    std::optional<ProcessSensor> processes_;
    std::optional<FlowSensor> flows_;
    std::optional<FlowPuller> flow_puller_;
    std::optional<DnsSensor> dns_;
    std::optional<TaskSensor> tasks_;
    std::optional<FpModeSensor> fp_modes_;
    std::optional<SyscallSensor> syscalls_;
    std::vector<SensorStatus> status_;
};

} // namespace minewarden::agent
