// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"

#include <cstdint>
#include <optional>

namespace minewarden::collector {

/// Walks the fields of one protobuf message without copying or parsing what is inside them, so
/// that a batch is taken apart record by record: a bad record then spoils nothing but itself, and
/// the bytes of the good ones are stored as they came.
class WireFields {
  public:
    enum class Type { number, bytes, fixed };
    struct Field {
        std::uint32_t id = 0;
        Type type = Type::number;
        std::uint64_t number = 0; ///< of a number (varint)
        ByteView bytes;           ///< of bytes: a text, bytes or a message
    };

    explicit WireFields(ByteView message) : rest_(message) {}

    /// The next field; nullopt at the end or where the encoding is broken.
    std::optional<Field> next();
    /// After next() gave nullopt: whether the message ended as it should.
    [[nodiscard]] bool is_whole() const { return !is_broken_; }
    /// What next() has not read yet.
    [[nodiscard]] ByteView rest() const { return rest_; }

  private:
    std::optional<std::uint64_t> take_varint();
    std::optional<ByteView> take(std::uint64_t size);
    std::optional<Field> take_value(Field field, unsigned wire_type);

    ByteView rest_;
    bool is_broken_ = false;
};

} // namespace minewarden::collector
