// SPDX-License-Identifier: Apache-2.0
#include "collector/supervise/shared_state.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <fcntl.h>
#include <new>
#include <unistd.h>

namespace minewarden::collector {
namespace {

static_assert(Counters::Counter::is_always_lock_free, "a lock would not work between processes");

Result<SharedState*> map_state(int fd) {
    void* memory = ::mmap(nullptr, sizeof(SharedState), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        return fail(system_error(ErrorKind::internal, "cannot map the shared state", errno));
    return static_cast<SharedState*>(memory);
}

} // namespace

Result<SharedMemory> SharedMemory::create() {
    Fd fd(::memfd_create("minewarden-collector", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd || ::ftruncate(fd.get(), sizeof(SharedState)) != 0)
        return fail(system_error(ErrorKind::internal, "cannot create the shared state", errno));
    // A process that shrank it would kill the others (SIGBUS).
    if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return fail(system_error(ErrorKind::internal, "cannot seal the shared state", errno));
    TRY_ASSIGN(auto* memory, map_state(fd.get()));
    return SharedMemory(std::move(fd), new (memory) SharedState{});
}

Result<SharedMemory> SharedMemory::map(Fd fd) {
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0 ||
        static_cast<std::size_t>(status.st_size) != sizeof(SharedState))
        return fail(ErrorKind::internal, "the shared state is not of this version");
    TRY_ASSIGN(auto* memory, map_state(fd.get()));
    return SharedMemory(std::move(fd), memory);
}

SharedMemory::~SharedMemory() {
    if (state_ != nullptr) ::munmap(state_, sizeof(SharedState));
}

} // namespace minewarden::collector
