// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/run/random.h"

#include "common/bytes.h"

namespace minewarden::lab {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    fill_random({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    return bytes;
}

std::string random_hex(std::size_t bytes) {
    return to_hex(as_bytes(random_bytes(bytes)));
}

} // namespace minewarden::lab
