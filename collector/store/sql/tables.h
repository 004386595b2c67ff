// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace minewarden::collector::sql {

/// The SQL types of a database for the common tables.
struct TypeNames {
    std::string_view integer; ///< 64 bits
    std::string_view bytes;
    std::string_view text; ///< compared bytewise
    std::string_view row;  ///< a primary key that the database assigns
    std::string_view end;  ///< after the columns of a table
};

/// The version of the tables. Increase it with each change.
inline constexpr int schema_version = 6;

/// Why a database of this version cannot be used; "" if it can. The text continues a sentence that
/// starts with the name of the database.
[[nodiscard]] std::string version_problem(std::int64_t version);

/// SQL for the tables that both databases have (docs/storage.md).
[[nodiscard]] std::string common_tables(const TypeNames& types);

} // namespace minewarden::collector::sql
