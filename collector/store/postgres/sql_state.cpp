// SPDX-License-Identifier: Apache-2.0
#include "collector/store/postgres/sql_state.h"

#include <algorithm>
#include <array>

namespace minewarden::collector::postgres {
namespace {

constexpr std::string_view read_only = "25006"; ///< read_only_sql_transaction

} // namespace

ErrorKind error_kind(std::string_view sql_state) {
    const std::string_view kind = sql_state.substr(0, 2);
    if (sql_state.empty() || sql_state == read_only) return ErrorKind::unavailable;
    // Connections, rollbacks (deadlock, serialization), resources, locks and cancellations,
    // operator intervention, disk errors.
    constexpr std::array<std::string_view, 6> temporary{"08", "40", "53", "55", "57", "58"};
    if (std::ranges::find(temporary, kind) != temporary.end()) return ErrorKind::unavailable;
    // Authorization, unknown database or schema, missing right.
    constexpr std::array<std::string_view, 4> refused{"28000", "28P01", "3D000", "42501"};
    if (std::ranges::find(refused, sql_state) != refused.end()) return ErrorKind::config;
    if (sql_state == "XX001" || sql_state == "XX002") return ErrorKind::data; // corrupted
    return ErrorKind::internal;
}

bool is_reason_to_reconnect(std::string_view sql_state) {
    // 57P01 to 57P05: the server shuts down, crashed, starts, drops the database, timed us out.
    return sql_state == read_only || sql_state.starts_with("08") || sql_state.starts_with("57P") ||
           sql_state == "25P03"; // idle_in_transaction_session_timeout
}

ErrorKind connect_error_kind(std::string_view message) {
    constexpr std::array<std::string_view, 8> refusals{"authentication failed",
                                                       "no pg_hba.conf entry",
                                                       "role \"",
                                                       "database \"",
                                                       "no password supplied",
                                                       "permission denied for",
                                                       "invalid ",
                                                       "server does not support SSL"};
    const bool is_refused = std::ranges::any_of(refusals, [&](std::string_view refusal) {
        return message.find(refusal) != std::string_view::npos;
    });
    return is_refused ? ErrorKind::config : ErrorKind::unavailable;
}

} // namespace minewarden::collector::postgres
