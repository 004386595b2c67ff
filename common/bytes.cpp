// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"

#include <sodium.h>

namespace minewarden {

std::string to_hex(ByteView bytes) {
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    text.pop_back();
    return text;
}

std::optional<std::string> from_hex(std::string_view hex) {
    std::string bytes(hex.size() / 2, '\0');
    std::size_t written = 0;
    const char* end = nullptr;
    const int status = sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                      hex.data(), hex.size(), nullptr, &written, &end);
    if (status != 0 || written * 2 != hex.size() || end != hex.data() + hex.size())
        return std::nullopt;
    return bytes;
}

Digest sha256(ByteView bytes) {
    Digest digest;
    crypto_hash_sha256(digest.bytes.data(), bytes.data(), bytes.size());
    return digest;
}

void keyed_hash(ByteView key, ByteView bytes, std::span<std::uint8_t> digest) {
    crypto_generichash(digest.data(), digest.size(), bytes.data(), bytes.size(), key.data(),
                       key.size());
}

void fill_random(std::span<std::uint8_t> bytes) {
    randombytes_buf(bytes.data(), bytes.size());
}

} // namespace minewarden
