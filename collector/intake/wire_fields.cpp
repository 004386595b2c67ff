// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/wire_fields.h"

namespace minewarden::collector {
namespace {

// https://protobuf.dev/programming-guides/encoding/
enum WireType : unsigned { varint = 0, fixed64 = 1, length_delimited = 2, fixed32 = 5 };
constexpr std::uint64_t maximum_field = (1u << 29) - 1;

} // namespace

std::optional<WireFields::Field> WireFields::next() {
    const auto position = static_cast<std::size_t>(input_.CurrentPosition());
    if (is_broken_ || position == message_.size()) return std::nullopt;
    auto field = take_field();
    is_broken_ = !field;
    return field;
}

std::optional<WireFields::Field> WireFields::take_field() {
    std::uint64_t tag = 0; // wider than a tag, to detect one with too many bits
    if (!take_varint(tag) || tag >> 3 == 0 || tag >> 3 > maximum_field) return std::nullopt;
    Field field{.id = static_cast<std::uint32_t>(tag >> 3)};
    std::uint64_t size = 0;
    switch (tag & 7) {
    case varint:
        if (!take_varint(field.number)) return std::nullopt;
        return field;
    case length_delimited:
        field.type = Type::bytes;
        if (!take_varint(size)) return std::nullopt;
        break;
    case fixed64:
    case fixed32:
        field.type = Type::fixed;
        size = (tag & 7) == fixed64 ? 8 : 4;
        break;
    default: // groups: not in proto3
        return std::nullopt;
    }
    const auto bytes = take(size);
    if (!bytes) return std::nullopt;
    field.bytes = *bytes;
    return field;
}

/// False if there is none, or if it has more than 64 bits, which protobuf would truncate.
bool WireFields::take_varint(std::uint64_t& value) {
    constexpr int longest = 10;
    const int begin = input_.CurrentPosition();
    if (!input_.ReadVarint64(&value)) return false;
    const int end = input_.CurrentPosition();
    return end - begin < longest || message_[static_cast<std::size_t>(end) - 1] <= 1;
}

std::optional<ByteView> WireFields::take(std::uint64_t size) {
    const auto rest = message_.subspan(static_cast<std::size_t>(input_.CurrentPosition()));
    if (size > rest.size() || !input_.Skip(static_cast<int>(size))) return std::nullopt;
    return rest.first(static_cast<std::size_t>(size));
}

} // namespace minewarden::collector
