// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sensors/bpf.h"

struct process_bpf;

namespace minewarden::agent {

/// Exec, fork and exit events into the shared ring for as long as the object lives.
class ProcessSensor {
  public:
    static Result<ProcessSensor> attach(const SharedMaps& maps);
    ProcessSensor(ProcessSensor&&) noexcept;
    ProcessSensor& operator=(ProcessSensor&&) noexcept;
    ~ProcessSensor();

  private:
    explicit ProcessSensor(SkeletonOwner<process_bpf> skeleton);
    SkeletonOwner<process_bpf> skeleton_;
};

} // namespace minewarden::agent
