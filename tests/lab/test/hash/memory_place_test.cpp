// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/memory_place.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <fstream>
#include <string>

namespace minewarden::lab {
namespace {

constexpr std::size_t size = 1 << 20;

/// The line of /proc/self/maps for this address.
std::string mapping_at(const void* address) {
    std::ifstream maps("/proc/self/maps");
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    for (std::string line; std::getline(maps, line);) {
        const auto begin = std::stoull(line, nullptr, 16);
        const auto end = std::stoull(line.substr(line.find('-') + 1), nullptr, 16);
        if (begin <= at && at < end) return line;
    }
    return "";
}

TEST(MemoryPlace, IsASharedMappingWithinTheMemory) {
    void* const memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    auto* const bytes = static_cast<char*>(memory) + 64; // as an allocator aligns it
    for (const auto& [place, name] : {std::pair(MemoryPlace::memfd, "/memfd:randomx"),
                                      std::pair(MemoryPlace::file, "/var/tmp")}) {
        ASSERT_TRUE(move_to(place, bytes, size - 128));
        bytes[4096] = 'x';
        EXPECT_EQ(bytes[4096], 'x');
        const std::string line = mapping_at(bytes + 8192);
        EXPECT_NE(line.find(" rw-s "), std::string::npos) << line;
        EXPECT_NE(line.find(name), std::string::npos) << line;
        EXPECT_EQ(mapping_at(bytes).find(name), std::string::npos) << "less than a page";
    }
    ::munmap(memory, size);
}

TEST(MemoryPlace, StaysWhereItWasAllocated) {
    std::string memory(size, 'x');
    ASSERT_TRUE(move_to(MemoryPlace::anonymous, memory.data(), memory.size()));
    EXPECT_EQ(memory, std::string(size, 'x'));
}

} // namespace
} // namespace minewarden::lab
