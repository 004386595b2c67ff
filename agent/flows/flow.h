// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "common/ip_address.h"

#include <cstdint>

namespace minewarden::agent {

/// The TCP connection that an observation is about.
struct Flow {
    std::uint64_t id = 0; ///< socket cookie: unique until reboot
    IpAddress remote_address;
    std::uint16_t remote_port = 0;
    bool accepted = false; ///< known to be: a process of this host listened for it
    BootTime opened;       ///< or first seen, if the agent started later
};

} // namespace minewarden::agent
