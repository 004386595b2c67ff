// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/randomx_vm.h"

namespace minewarden::lab {

Result<RandomxVm> RandomxVm::create(std::shared_ptr<const RandomxMemory> memory) {
    const RandomxSettings& settings = memory->settings();
    randomx_flags flags = randomx_get_flags() & RANDOMX_FLAG_HARD_AES;
    if (settings.full) flags |= RANDOMX_FLAG_FULL_MEM;
    if (settings.jit) flags |= RANDOMX_FLAG_JIT;
    if (settings.jit && settings.secure_jit) flags |= RANDOMX_FLAG_SECURE;
    if (settings.large_pages) flags |= RANDOMX_FLAG_LARGE_PAGES;
    randomx_vm* machine = randomx_create_vm(flags, memory->cache(), memory->dataset());
    if (machine == nullptr)
        return fail(ErrorKind::unavailable,
                    settings.large_pages
                        ? "cannot make a RandomX machine; are there enough large pages?"
                        : "cannot make a RandomX machine; not enough memory, or executable pages "
                          "are not allowed");
    return RandomxVm(std::move(memory), machine);
}

Hash RandomxVm::hash(ByteView input) {
    Hash hash;
    randomx_calculate_hash(machine_.get(), input.data(), input.size(), hash.data());
    return hash;
}

void RandomxVm::begin(ByteView first) {
    randomx_calculate_hash_first(machine_.get(), first.data(), first.size());
}

Hash RandomxVm::next(ByteView input) {
    Hash hash;
    randomx_calculate_hash_next(machine_.get(), input.data(), input.size(), hash.data());
    return hash;
}

} // namespace minewarden::lab
