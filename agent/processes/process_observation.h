// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/observation/observation.h"

namespace minewarden::agent {

/// An observation and the process image it is about: what every room hands to the engine.
struct ProcessObservation {
    rules::ImageKey image;
    rules::Observation observation;
};

} // namespace minewarden::agent
