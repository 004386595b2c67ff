// SPDX-License-Identifier: Apache-2.0
#include "collector/store/postgres/copy_buffer.h"

#include <bit>
#include <endian.h>

namespace minewarden::collector::postgres {
namespace {

/// Signature, flags, length of the header extension.
constexpr std::string_view header{"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19};
constexpr std::uint16_t trailer = 0xffff; ///< in place of the number of columns

template <class Number>
void append(std::string& bytes, Number big_endian) {
    bytes.append(reinterpret_cast<const char*>(&big_endian), sizeof big_endian);
}

} // namespace

void CopyBuffer::begin_row() {
    has_rows_ = true;
    append(bytes_, htobe16(static_cast<std::uint16_t>(columns_)));
}

void CopyBuffer::add(std::int64_t value) {
    append(bytes_, htobe32(sizeof value));
    append(bytes_, htobe64(static_cast<std::uint64_t>(value)));
}

void CopyBuffer::add(ByteView bytes) {
    append(bytes_, htobe32(static_cast<std::uint32_t>(bytes.size())));
    bytes_ += as_text(bytes);
}

ByteView CopyBuffer::finish() {
    append(bytes_, trailer);
    return as_bytes(bytes_);
}

void CopyBuffer::clear() {
    bytes_ = header;
    has_rows_ = false;
}

} // namespace minewarden::collector::postgres
