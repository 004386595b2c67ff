// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "tests/lab/hash/crew.h"

namespace minewarden::lab {

/// Hashes, and copies from /dev/zero to /dev/null after each round: input and output that cost
/// nothing.
class CopyingHasher : public Hasher {
  public:
    CopyingHasher(std::unique_ptr<Hasher> hasher, std::size_t bytes_per_round);
    std::optional<std::uint64_t> round() override;

  private:
    std::unique_ptr<Hasher> hasher_;
    std::vector<char> buffer_;
    Fd zero_;
    Fd null_;
};

} // namespace minewarden::lab
