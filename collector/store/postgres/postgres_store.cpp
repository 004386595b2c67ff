// SPDX-License-Identifier: Apache-2.0
#include "collector/store/postgres/postgres_store.h"

#include "collector/store/postgres/driver.h"
#include "collector/store/postgres/targets.h"
#include "collector/store/sql/sql_store.h"

namespace minewarden::collector {

bool is_postgres_uri(std::string_view database) {
    return database.starts_with("postgresql://") || database.starts_with("postgres://");
}

Result<void> check_database(const std::string& database) {
    if (is_postgres_uri(database)) {
        TRY(postgres::targets_of(database));
    }
    return {};
}

std::string shown_database(const std::string& database) {
    return is_postgres_uri(database) ? postgres::shown(database) : database;
}

Result<std::unique_ptr<Store>> open_postgres_store(const std::string& uri) {
    TRY_ASSIGN(auto targets, postgres::targets_of(uri));
    auto store = std::make_unique<sql::SqlStore>(
        std::make_unique<postgres::Driver>(std::move(targets), postgres::shown(uri)));
    const auto usable = store->check();
    if (!usable && usable.error().kind != ErrorKind::unavailable) return fail(usable.error());
    return std::unique_ptr<Store>(std::move(store));
}

} // namespace minewarden::collector
