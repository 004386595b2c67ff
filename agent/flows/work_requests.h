// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bounded_map.h"
#include "common/clock.h"
#include "common/ip_address.h"
#include "kernel/subject_abi.h"

#include <tuple>

namespace minewarden::agent {

/// Counts how often a process asks an address for work, over all its connections: a single call can
/// be monitoring, calls without end are a miner's. The count restarts after a pause of ten minutes.
/// Remembers `maximum` pairs of process and address.
class WorkRequests {
  public:
    explicit WorkRequests(std::size_t maximum = 4096) : counts_(maximum) {}

    /// Counts one request. Returns how many there have been.
    std::int64_t count(const abi::subject_id& process, const IpAddress& address, BootTime time) {
        Count& count = counts_.claim({process.pid, process.start_boottime_ns, address});
        if (time.ns > count.last.ns + longest_pause_ns) count.requests = 0;
        count.last = time;
        return ++count.requests;
    }

    [[nodiscard]] std::size_t size() const { return counts_.size(); }

  private:
    static constexpr std::uint64_t longest_pause_ns = 600'000'000'000;
    /// Pid, start, address. The image is left out: an exec does not change which process asks.
    using Key = std::tuple<std::uint32_t, std::uint64_t, IpAddress>;
    struct Count {
        std::int64_t requests = 0;
        BootTime last;
    };
    BoundedMap<Key, Count> counts_;
};

} // namespace minewarden::agent
