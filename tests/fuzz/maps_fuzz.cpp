// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "common/clock.h"
#include "common/host/idle_time.h"
#include "common/host/loaded_program.h"
#include "common/host/namespaces.h"
#include "common/host/process_files.h"
#include "common/ip_address.h"
#include "common/text.h"

using namespace minewarden;

/// Small readers of text: files of /proc/PID, addresses, times, and what makes text safe to show.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text({data, size});
    (void)largest_ranges(text);
    (void)find_loaded_program(text, "/lib64/ld-linux-x86-64.so.2");
    (void)is_loader_file(text);
    (void)has_loader_name(text);
    (void)parse_process_stat(text);
    (void)parse_pid_inside(text);
    (void)parse_boottime_offset(text);
    (void)parse_idle_time(text);
    (void)parse_duration(text);
    (void)parse_ip_network(text);
    (void)parse_time(text, {});
    const std::string valid = to_valid_utf8(text);
    if (to_valid_utf8(valid) != valid) __builtin_trap();
    for (const char c : escape_for_terminal(valid))
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) __builtin_trap();
    (void)fit_to_width(valid, 20);
    const std::string clipped = clip_utf8(valid, 20);
    if (clipped.size() > 20 || to_valid_utf8(clipped) != clipped) __builtin_trap();
    (void)escape_for_csv(valid);
    return 0;
}
