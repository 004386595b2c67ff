// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"

#include <google/protobuf/io/coded_stream.h>

#include <cstdint>
#include <optional>

namespace minewarden::collector {

/// Iterates over the fields of a protobuf message without copying or parsing their content. So a
/// batch is read record by record: an invalid record does not affect the others, and the bytes of
/// valid ones are stored unchanged.
class WireFields {
  public:
    enum class Type { number, bytes, fixed };
    struct Field {
        std::uint32_t id = 0;
        Type type = Type::number;
        std::uint64_t number = 0; ///< value of a varint
        ByteView bytes;           ///< content of a string, bytes or message
    };

    /// `message` outlives this and has less than 2 GiB.
    explicit WireFields(ByteView message)
        : message_(message), input_(message.data(), static_cast<int>(message.size())) {}

    /// The next field; nullopt at the end or at invalid encoding.
    std::optional<Field> next();
    /// After next() returned nullopt: true if the whole message was valid.
    [[nodiscard]] bool is_whole() const { return !is_broken_; }
    /// The bytes that next() has not read yet.
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
