// SPDX-License-Identifier: Apache-2.0
#include "collector/store/cursor.h"

#include <fmt/core.h>

#include <charconv>

namespace minewarden::collector {
namespace {

constexpr std::size_t digits = 16;
constexpr int base = 16;

} // namespace

std::string Cursor::text() const {
    return fmt::format("{:016x}", row_);
}

std::optional<Cursor> Cursor::parse(std::string_view text) {
    Cursor cursor;
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, cursor.row_, base);
    const bool is_whole = error == std::errc{} && stopped == end && text.size() == digits;
    // Accepts only the form of text(): lower case, and a valid row.
    if (!is_whole || cursor.row_ > INT64_MAX || cursor.text() != text) return std::nullopt;
    return cursor;
}

} // namespace minewarden::collector
