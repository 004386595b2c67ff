// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "common/fd.h"

#include <cstdint>
#include <filesystem>
#include <utility>

namespace minewarden::agent {

/// Records, in a file, how many records are in memory only because the disk is full, and since
/// when. The room for the file is allocated in advance. So an agent that is killed meanwhile can
/// report at its next start what was lost. The file survives a kill; it is not synced. One thread.
class UnkeptCount {
  public:
    struct Value {
        std::uint64_t records = 0;
        WallTime since;
    };

    /// Reads what the last run left and allocates the room. If that fails, it works without a file,
    /// and what is lost in a kill on a full disk is not counted.
    explicit UnkeptCount(const std::filesystem::path& path);

    /// What the last run left. Empty after the first call.
    [[nodiscard]] Value take_left() { return std::exchange(left_, {}); }
    void set(std::uint64_t records);

  private:
    Fd file_;
    Value left_;
    Value now_;
};

} // namespace minewarden::agent
