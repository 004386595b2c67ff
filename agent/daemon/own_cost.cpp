// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/own_cost.h"

#include "common/file.h"
#include "common/text.h"

#include <charconv>
#include <ctime>
#include <unistd.h>

namespace minewarden::agent {

OwnCost read_own_cost() {
    OwnCost cost;
    timespec cpu{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    cost.cpu_ns = static_cast<std::uint64_t>(cpu.tv_sec) * 1'000'000'000 +
                  static_cast<std::uint64_t>(cpu.tv_nsec);
    // proc(5): statm counts pages. The second number is the resident set.
    if (const auto text = read_file("/proc/self/statm", 256)) {
        const auto fields = split(*text, ' ');
        std::uint64_t pages = 0;
        if (fields.size() > 1)
            std::from_chars(fields[1].data(), fields[1].data() + fields[1].size(), pages);
        cost.resident_bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    }
    return cost;
}

} // namespace minewarden::agent
