// SPDX-License-Identifier: Apache-2.0
#include "common/host/boot.h"

#include "common/file.h"
#include "common/text.h"

#include <algorithm>
#include <array>
#include <unistd.h>

namespace minewarden {

Result<BootId> read_boot_id() {
    TRY_ASSIGN(auto text, read_file("/proc/sys/kernel/random/boot_id", 128));
    std::erase_if(text, [](char c) { return c == '-' || c == '\n'; });
    const auto bytes = from_hex(text);
    const auto id = BootId::from(as_bytes(bytes.value_or("")));
    if (!id) return fail(ErrorKind::unavailable, "/proc/sys/kernel/random/boot_id is not a UUID");
    return *id;
}

std::string kernel_release() {
    const auto text = read_file("/proc/sys/kernel/osrelease", 256);
    return text ? std::string(trim(*text)) : "unknown";
}

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
    return to_valid_utf8(name.data());
}

} // namespace minewarden
