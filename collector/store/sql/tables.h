// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace minewarden::collector::sql {

/// How a database spells the types of the common tables.
struct TypeNames {
    std::string_view integer; ///< 64 bits
    std::string_view bytes;
    std::string_view text; ///< compared bytewise
    std::string_view row;  ///< a primary key that the database assigns
    std::string_view end;  ///< after the columns of a table
};

/// The version of the tables below. A change of them is a new version.
inline constexpr int schema_version = 6;

/// Why a database of this version cannot be used, as the end of a sentence that begins with its
/// name;
/// "" if it can.
[[nodiscard]] std::string version_problem(std::int64_t version);

/// The tables that both databases have, in SQL (docs/storage.md).
[[nodiscard]] std::string common_tables(const TypeNames& types);

} // namespace minewarden::collector::sql
