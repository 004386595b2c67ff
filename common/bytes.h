// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace minewarden {

using ByteView = std::span<const std::uint8_t>;

[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A fixed number of opaque bytes with a meaning of their own: a digest, an id.
template <class Tag, std::size_t Size>
struct Opaque {
    static constexpr std::size_t size = Size;
    std::array<std::uint8_t, Size> bytes{};
    auto operator<=>(const Opaque&) const = default;

    [[nodiscard]] ByteView view() const { return bytes; }
    /// nullopt unless `source` has exactly Size bytes.
    [[nodiscard]] static std::optional<Opaque> from(ByteView source) {
        if (source.size() != Size) return std::nullopt;
        Opaque result;
        std::memcpy(result.bytes.data(), source.data(), Size);
        return result;
    }
};

using Digest = Opaque<struct DigestTag, 32>;       ///< SHA-256
using BootId = Opaque<struct BootIdTag, 16>;       ///< /proc/sys/kernel/random/boot_id
using FindingId = Opaque<struct FindingIdTag, 16>; ///< see finding_id() in rules/verdict/record.h
using StreamId = Opaque<struct StreamIdTag, 16>;   ///< new for each new outbox of an agent

/// Lower-case hexadecimal.
[[nodiscard]] std::string to_hex(ByteView bytes);
template <class Tag, std::size_t Size>
[[nodiscard]] std::string to_hex(const Opaque<Tag, Size>& value) {
    return to_hex(value.view());
}

/// Accepts digits of either case. nullopt for an odd length or another character.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view hex);

[[nodiscard]] Digest sha256(ByteView bytes);

/// Keyed BLAKE2b (RFC 7693). REQUIRES: `key` and `digest` have 16 to 64 bytes.
void keyed_hash(ByteView key, ByteView bytes, std::span<std::uint8_t> digest);

/// Fills with bytes from the kernel's random generator, suitable for keys.
void fill_random(std::span<std::uint8_t> bytes);

} // namespace minewarden
