// SPDX-License-Identifier: Apache-2.0
#include "agent/outbox/segment.h"

#include <cstdlib>

using namespace minewarden;
using namespace minewarden::agent;

/// A segment file after whatever happened to the disk.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::uint64_t last = 0;
    std::uint64_t records = 0;
    const SegmentScan scan =
        scan_segment({data, size}, 1 << 20, [&](std::uint64_t sequence, ByteView) {
            if (records > 0 && sequence <= last) std::abort();
            last = sequence;
            ++records;
            return true;
        });
    if (scan.good_bytes > size || scan.records != records) std::abort();
    return 0;
}
