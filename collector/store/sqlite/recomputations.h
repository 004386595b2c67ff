// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/recomputation.h"
#include "collector/store/sqlite/database.h"

#include <optional>
#include <span>
#include <string_view>

namespace minewarden::collector::sqlite {

/// Step of the schema that adds the table (schema.cpp).
extern const std::string_view recomputations_table;

/// Writes results in one transaction; one that is there is replaced. One thread at a time.
Result<void> put_recomputations(Connection& connection,
                                std::span<const RecomputedFinding> recomputed);

/// The columns result, made_ns, detail beginning at `column`; nullopt where they are NULL or
/// damaged.
[[nodiscard]] std::optional<Recomputation> read_recomputation(const Statement& row, int column);

} // namespace minewarden::collector::sqlite
