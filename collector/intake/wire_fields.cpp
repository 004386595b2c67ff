// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/wire_fields.h"

namespace minewarden::collector {
namespace {

// https://protobuf.dev/programming-guides/encoding/
enum WireType : unsigned { varint = 0, fixed64 = 1, length_delimited = 2, fixed32 = 5 };
constexpr std::uint64_t maximum_field = (1u << 29) - 1;

} // namespace

std::optional<WireFields::Field> WireFields::next() {
    if (is_broken_ || rest_.empty()) return std::nullopt;
    const auto tag = take_varint();
    std::optional<Field> field;
    if (tag && *tag >> 3 != 0 && *tag >> 3 <= maximum_field) {
        field = take_value({static_cast<std::uint32_t>(*tag >> 3), Type::number, 0, {}},
                           static_cast<unsigned>(*tag & 7));
    }
    is_broken_ = !field;
    return field;
}

std::optional<WireFields::Field> WireFields::take_value(Field field, unsigned wire_type) {
    switch (wire_type) {
    case varint: {
        const auto number = take_varint();
        if (!number) return std::nullopt;
        field.number = *number;
        return field;
    }
    case length_delimited: {
        const auto size = take_varint();
        const auto bytes = size ? take(*size) : std::nullopt;
        if (!bytes) return std::nullopt;
        field.type = Type::bytes;
        field.bytes = *bytes;
        return field;
    }
    case fixed64:
    case fixed32: {
        const auto bytes = take(wire_type == fixed64 ? 8 : 4);
        if (!bytes) return std::nullopt;
        field.type = Type::fixed;
        field.bytes = *bytes;
        return field;
    }
    default: // groups, which proto3 does not have
        return std::nullopt;
    }
}

std::optional<std::uint64_t> WireFields::take_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (rest_.empty()) return std::nullopt;
        const std::uint8_t byte = rest_.front();
        rest_ = rest_.subspan(1);
        if (shift == 63 && byte > 1) return std::nullopt;
        value |= std::uint64_t{byte & 0x7fu} << shift;
        if ((byte & 0x80) == 0) return value;
    }
    return std::nullopt;
}

std::optional<ByteView> WireFields::take(std::uint64_t size) {
    if (size > rest_.size()) return std::nullopt;
    const ByteView taken = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(static_cast<std::size_t>(size));
    return taken;
}

} // namespace minewarden::collector
