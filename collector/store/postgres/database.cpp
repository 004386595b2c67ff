// SPDX-License-Identifier: Apache-2.0
#include "collector/store/postgres/database.h"

#include "common/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <endian.h>

namespace minewarden::collector::postgres {
namespace {

/// ?1 -> $1. Our statements have no other question marks.
std::string with_dollars(std::string_view sql) {
    std::string text(sql);
    std::ranges::replace(text, '?', '$');
    return text;
}

/// PostgreSQL rejects texts with a zero byte or in another encoding, and with them the whole unit
/// of work.
bool is_storable(std::string_view text) {
    const bool is_plain =
        std::ranges::all_of(text, [](char c) { return c > 0; }); // ASCII without zero bytes
    return is_plain || (text.find('\0') == std::string_view::npos && to_valid_utf8(text) == text);
}

} // namespace

Result<std::unique_ptr<sql::Statement>> Connection::prepare(std::string_view sql, Use use) {
    std::string name;
    const std::string text = with_dollars(sql);
    if (use == Use::often) {
        name = fmt::format("s{}", ++prepared_);
        TRY(link_->send_prepare(name, text));
    }
    return std::unique_ptr<sql::Statement>(
        std::make_unique<Statement>(*link_, std::move(name), text));
}

Result<void> Connection::begin() {
    link_->set_deadline(Patience::Clock::now() + unit_limit);
    TRY(link_->send("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"));
    // One unit of work at a time, so that row numbers follow the order of commits: the lock is
    // released after the commit is visible. Transactions of other programs (a dump) block neither
    // units nor readers. The unit reads snapshots taken after this.
    return link_->send(fmt::format("SELECT pg_advisory_xact_lock({})", unit_lock));
}

Result<void> Connection::commit() {
    TRY(link_->send("COMMIT"));
    TRY_ASSIGN(const auto done, link_->answer());
    // COMMIT of a failed transaction returns no error.
    if (std::strcmp(PQcmdStatus(done.get()), "COMMIT") != 0)
        return fail(ErrorKind::internal, "database: the transaction was rolled back");
    return {};
}

void Connection::roll_back() {
    if (link_->is_lost()) return;
    // Earlier errors do not matter if the connection is good.
    (void)link_->answer();
    if (link_->is_lost() || !link_->send("ROLLBACK")) return;
    (void)link_->answer();
}

Statement::Parameter& Statement::parameter(int index) {
    const auto at = static_cast<std::size_t>(index - 1);
    if (parameters_.size() <= at) parameters_.resize(at + 1);
    return parameters_[at];
}

void Statement::bind_integer(int index, std::int64_t value) {
    Parameter& bound = parameter(index);
    bound.kind = Parameter::Kind::number;
    bound.own = std::to_string(value); // short: needs no allocation
}

void Statement::bind_text(int index, std::string_view text) {
    Parameter& bound = parameter(index);
    bound.kind = Parameter::Kind::borrowed;
    bound.borrowed = text;
    if (is_storable(text)) return;
    bound.kind = Parameter::Kind::own_text;
    bound.own = to_valid_utf8(text);
    for (std::size_t at = 0; (at = bound.own.find('\0', at)) != std::string::npos;)
        bound.own.replace(at, 1, "\xef\xbf\xbd"); // U+FFFD
}

void Statement::bind_blob(int index, ByteView blob) {
    Parameter& bound = parameter(index);
    bound.kind = Parameter::Kind::borrowed;
    bound.borrowed = as_text(blob);
}

void Statement::bind_null(int index) {
    parameter(index).kind = Parameter::Kind::null;
}

Result<void> Statement::send() {
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
    for (const Parameter& bound : parameters_) {
        const bool is_borrowed = bound.kind == Parameter::Kind::borrowed;
        const std::string_view bytes = is_borrowed ? bound.borrowed : bound.own;
        const char* value = bytes.data() == nullptr ? "" : bytes.data(); // nullptr would be NULL
        values.push_back(bound.kind == Parameter::Kind::null ? nullptr : value);
        lengths.push_back(static_cast<int>(bytes.size()));
        // Numbers are sent as text, so that the server converts them to any numeric type; texts and
        // bytes are sent unchanged.
        formats.push_back(bound.kind == Parameter::Kind::number ? 0 : 1);
    }
    const Parameters parameters{values, lengths, formats};
    return name_.empty() ? link_.send(sql_, parameters) : link_.send_prepared(name_, parameters);
}

Result<bool> Statement::step() {
    if (!rows_) {
        TRY(send());
        TRY_ASSIGN(rows_, link_.answer());
        row_ = -1;
    }
    if (++row_ < PQntuples(rows_.get())) return true;
    reset();
    return false;
}

Result<void> Statement::run() {
    return send();
}

std::int64_t Statement::integer(int column) const {
    const char* bytes = PQgetvalue(rows_.get(), row_, column);
    switch (PQgetlength(rows_.get(), row_, column)) {
    case sizeof(std::uint64_t): {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes, sizeof value);
        return static_cast<std::int64_t>(be64toh(value));
    }
    case sizeof(std::uint32_t): {
        std::uint32_t value = 0;
        std::memcpy(&value, bytes, sizeof value);
        return static_cast<std::int32_t>(be32toh(value));
    }
    default:
        return 0; // NULL
    }
}

ByteView Statement::blob(int column) const {
    return as_bytes({PQgetvalue(rows_.get(), row_, column),
                     static_cast<std::size_t>(PQgetlength(rows_.get(), row_, column))});
}

bool Statement::is_null(int column) const {
    return PQgetisnull(rows_.get(), row_, column) != 0;
}

} // namespace minewarden::collector::postgres
