// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/memory_place.h"

#include "common/fd.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#include <fcntl.h>

namespace minewarden::lab {
namespace {

constexpr std::uintptr_t page = 4096;

Fd open_place(MemoryPlace place) {
    if (place == MemoryPlace::memfd) return Fd(::memfd_create("randomx", MFD_CLOEXEC));
    return Fd(::open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

} // namespace

Result<void> move_to(MemoryPlace place, void* memory, std::size_t bytes) {
    if (place == MemoryPlace::anonymous) return {};
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    const std::uintptr_t begin = (address + page - 1) / page * page;
    const std::uintptr_t end = (address + bytes) / page * page;
    const Fd file = open_place(place);
    if (!file || ::ftruncate(file.get(), static_cast<off_t>(end - begin)) != 0)
        return fail(system_error(ErrorKind::unavailable, "no place for RandomX memory", errno));
    void* const at = reinterpret_cast<void*>(begin); // NOLINT(performance-no-int-to-ptr)
    if (::mmap(at, end - begin, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file.get(), 0) ==
        MAP_FAILED)
        return fail(system_error(ErrorKind::unavailable, "cannot map RandomX memory", errno));
    return {};
}

} // namespace minewarden::lab
