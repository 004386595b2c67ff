// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"

#include <google/protobuf/io/coded_stream.h>

#include <cstdint>
#include <optional>

namespace minewarden::collector {

/// Walks the fields of one protobuf message without copying or parsing what is inside them. So a
/// batch is read record by record: a bad record does not affect the others, and the bytes of the
/// good ones are stored as they came.
class WireFields {
  public:
    enum class Type { number, bytes, fixed };
    struct Field {
        std::uint32_t id = 0;
        Type type = Type::number;
        std::uint64_t number = 0; ///< of a number (varint)
        ByteView bytes;           ///< of bytes: a text, bytes or a message
    };

    /// `message` outlives this and has less than 2 GiB.
    explicit WireFields(ByteView message)
        : message_(message), input_(message.data(), static_cast<int>(message.size())) {}

    /// The next field; nullopt at the end or where the encoding is broken.
    std::optional<Field> next();
    /// After next() gave nullopt: the message ended after a whole field.
    [[nodiscard]] bool is_whole() const { return !is_broken_; }
    /// What next() has not read yet.
    [[nodiscard]] ByteView rest() const {
        return message_.subspan(static_cast<std::size_t>(input_.CurrentPosition()));
    }

  private:
    std::optional<Field> take_field();
    bool take_varint(std::uint64_t& value);
    std::optional<ByteView> take(std::uint64_t size);

    ByteView message_;
    google::protobuf::io::CodedInputStream input_;
    bool is_broken_ = false;
};

} // namespace minewarden::collector
