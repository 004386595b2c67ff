// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "common/fd.h"

#include <cstdint>
#include <filesystem>
#include <utility>

namespace minewarden::agent {

/// How many records are in memory only, because the disk is full, and since when: in a file whose
/// room was taken while there was some, so that an agent that is killed meanwhile can say at its
/// next start what was lost. It survives a kill; it is not synced. One thread.
class UnkeptCount {
  public:
    struct Value {
        std::uint64_t records = 0;
        WallTime since;
    };

    /// Reads what the last life left and takes the room. Works without a file, if need be: then a
    /// kill on a full disk cannot be told.
    explicit UnkeptCount(const std::filesystem::path& path);

    /// What the last life left, once.
    [[nodiscard]] Value take_left() { return std::exchange(left_, {}); }
    void set(std::uint64_t records);

  private:
    Fd file_;
    Value left_;
    Value now_;
};

} // namespace minewarden::agent
