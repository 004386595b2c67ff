// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sqlite/database.h"

#include <initializer_list>
#include <utility>

namespace minewarden::collector::sqlite {

/// Prepares several statements; stops at the first error.
inline Result<void>
prepare_all(Connection& connection,
            std::initializer_list<std::pair<Statement*, std::string_view>> statements) {
    for (const auto& [statement, sql] : statements) {
        TRY_ASSIGN(auto prepared, connection.prepare(sql));
        *statement = std::move(prepared);
    }
    return {};
}

} // namespace minewarden::collector::sqlite
