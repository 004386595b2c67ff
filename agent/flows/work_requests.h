// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bounded_map.h"
#include "common/clock.h"
#include "common/ip_address.h"
#include "kernel/subject_abi.h"

#include <tuple>

namespace minewarden::agent {

/// Counts how often a process asks an address for work and gets some, over all its connections: a
/// single call can be monitoring, calls without end are a miner's. The counts restart after a pause
/// of ten minutes. Remembers `maximum` pairs of process and address.
class WorkRequests {
  public:
    explicit WorkRequests(std::size_t maximum = 4096) : places_(maximum) {}

    struct Counts {
        std::int64_t requests = 0;
        std::int64_t answers = 0; ///< with work
        bool operator==(const Counts&) const = default;
    };
    /// Counts one request. Returns how many there have been.
    Counts count_request(const abi::subject_id& process, const IpAddress& address, BootTime time) {
        Counts& counts = claim(process, address, time);
        ++counts.requests;
        return counts;
    }
    /// Counts an answer to one of them.
    Counts count_answer(const abi::subject_id& process, const IpAddress& address, BootTime time) {
        Counts& counts = claim(process, address, time);
        ++counts.answers;
        return counts;
    }
    Counts counts_of(const abi::subject_id& process, const IpAddress& address, BootTime time) {
        return claim(process, address, time);
    }

    [[nodiscard]] std::size_t size() const { return places_.size(); }

  private:
    static constexpr std::uint64_t longest_pause_ns = 600'000'000'000;
    /// Pid, start, address. The image is left out: an exec does not change which process asks.
    using Key = std::tuple<std::uint32_t, std::uint64_t, IpAddress>;
    struct Place {
        Counts counts;
        BootTime last;
    };
    Counts& claim(const abi::subject_id& process, const IpAddress& address, BootTime time) {
        Place& place = places_.claim({process.pid, process.start_boottime_ns, address});
        if (time.ns > place.last.ns + longest_pause_ns) place.counts = {};
        place.last = time;
        return place.counts;
    }
    BoundedMap<Key, Place> places_;
};

} // namespace minewarden::agent
