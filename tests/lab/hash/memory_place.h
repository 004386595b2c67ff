// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <cstddef>

namespace minewarden::lab {

/// Whose pages the memory of RandomX consists of.
enum class MemoryPlace {
    anonymous, ///< as the library allocates it
    memfd,     ///< shared memory without a name
    file,      ///< a shared mapping of a file on disk that has no name any more
};

/// Replaces the whole pages within this allocated memory by a shared mapping of `place`. Their
/// content is lost. Errors: unavailable.
Result<void> move_to(MemoryPlace place, void* memory, std::size_t bytes);

} // namespace minewarden::lab
