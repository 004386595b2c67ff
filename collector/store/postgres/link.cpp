// SPDX-License-Identifier: Apache-2.0
#include "collector/store/postgres/link.h"

#include "collector/store/postgres/sql_state.h"
#include "common/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <utility>

namespace minewarden::collector::postgres {
namespace {

using Clock = Patience::Clock;

constexpr std::size_t copy_chunk = std::size_t{64} << 10;

/// Our defaults, which the target may override: an unreachable server is detected within half a
/// minute, also on an idle connection.
constexpr std::array<std::pair<const char*, const char*>, 5> defaults{
    {{"fallback_application_name", "minewarden-collector"},
     {"keepalives_idle", "10"},
     {"keepalives_interval", "5"},
     {"keepalives_count", "3"},
     {"tcp_user_timeout", "25000"}}};

/// Makes one line of libpq's message, which has several lines and tabs.
std::string one_line(const char* text) {
    std::string line;
    for (const char c : trim(text == nullptr ? "" : text)) {
        const bool is_space = c == '\n' || c == '\t' || c == ' ';
        if (!is_space) line += c;
        if (is_space && line.back() != ' ') line += ' '; // the first character is not a space
    }
    return line;
}

} // namespace

Result<std::unique_ptr<Link>> Link::connect(const std::string& target, Patience& patience,
                                            std::chrono::milliseconds limit) {
    std::unique_ptr<Link> link(new Link(patience));
    link->set_deadline(Clock::now() + limit);
    TRY(link->start(target));
    return link;
}

Result<void> Link::start(const std::string& target) {
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : defaults) {
        keywords.push_back(keyword);
        values.push_back(value);
    }
    // Last, so that it overrides the others.
    keywords.insert(keywords.end(), {"dbname", nullptr});
    values.insert(values.end(), {target.c_str(), nullptr});
    connection_.reset(PQconnectStartParams(keywords.data(), values.data(), 1));
    if (!connection_) return fail(ErrorKind::internal, "out of memory");
    PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
    for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;
         state = PQconnectPoll(connection_.get())) {
        if (state == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD) {
            is_lost_ = true;
            const std::string message = one_line(PQerrorMessage(connection_.get()));
            return fail(connect_error_kind(message), "cannot connect to the database: " + message);
        }
        TRY(wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT));
    }
    if (PQsetnonblocking(connection_.get(), 1) != 0) return fail(lost("cannot set up"));
    return enter_pipeline();
}

Error Link::lost(std::string_view what) {
    is_lost_ = true;
    const std::string reason = one_line(PQerrorMessage(connection_.get()));
    return {ErrorKind::unavailable,
            fmt::format("{}{}{}", what, reason.empty() ? "" : ": ", reason)};
}

Error Link::error_of(const PGresult* result) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const std::string_view code = state == nullptr ? "" : state;
    // Another server may be the primary now.
    if (code.empty() || is_reason_to_reconnect(code)) is_lost_ = true;
    const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const std::string message =
        one_line(primary == nullptr ? PQresultErrorMessage(result) : primary);
    return {error_kind(code),
            fmt::format("database: {}{}", message, code.empty() ? "" : fmt::format(" ({})", code))};
}

Result<void> Link::wait(short events) {
    const int socket = PQsocket(connection_.get());
    if (socket < 0) return fail(lost("the connection to the database is closed"));
    for (;;) {
        const bool is_finishing = patience_.is_finishing();
        const auto end = is_finishing ? std::min(deadline_, patience_.end()) : deadline_;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0) return fail(lost("the database does not respond in time"));
        std::array<pollfd, 2> items{{{socket, events, 0}, {patience_.fd(), POLLIN, 0}}};
        const int ready =
            ::poll(items.data(), is_finishing ? 1 : 2, static_cast<int>(left.count()));
        if (ready < 0 && errno != EINTR) return fail(lost("cannot wait for the database"));
        if (ready > 0 && items[0].revents != 0) return {};
    }
}

Result<void> Link::flush() {
    for (;;) {
        const int left = PQflush(connection_.get());
        if (left == 0) return {};
        if (left < 0) return fail(lost("the connection to the database broke"));
        // The server may wait until we read its output.
        TRY(wait(POLLIN | POLLOUT));
        if (PQconsumeInput(connection_.get()) == 0)
            return fail(lost("the connection to the database broke"));
    }
}

Result<ResultPtr> Link::next_result() {
    TRY(flush());
    while (PQisBusy(connection_.get()) != 0) {
        TRY(wait(POLLIN));
        if (PQconsumeInput(connection_.get()) == 0)
            return fail(lost("the connection to the database broke"));
    }
    return ResultPtr(PQgetResult(connection_.get()));
}

Result<ResultPtr> Link::finish_statement() {
    ResultPtr last;
    std::optional<Error> problem;
    for (;;) {
        TRY_ASSIGN(auto result, next_result());
        if (!result) break;
        const auto status = PQresultStatus(result.get());
        if (status == PGRES_FATAL_ERROR && !problem) problem = error_of(result.get());
        last = std::move(result);
        // The caller continues.
        if (status == PGRES_COPY_IN) break;
        if (is_lost_ && problem) break;
    }
    if (problem) return fail(std::move(*problem));
    return last;
}

Result<void> Link::sent(int code) {
    if (code == 0) return fail(lost("the connection to the database broke"));
    ++pending_;
    return {};
}

Result<void> Link::send_prepare(const std::string& name, const std::string& sql) {
    return sent(PQsendPrepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr));
}

Result<void> Link::send_prepared(const std::string& name, const Parameters& parameters) {
    return sent(PQsendQueryPrepared(
        connection_.get(), name.c_str(), static_cast<int>(parameters.values.size()),
        parameters.values.data(), parameters.lengths.data(), parameters.formats.data(), 1));
}

Result<void> Link::send(const std::string& sql, const Parameters& parameters) {
    return sent(PQsendQueryParams(
        connection_.get(), sql.c_str(), static_cast<int>(parameters.values.size()), nullptr,
        parameters.values.data(), parameters.lengths.data(), parameters.formats.data(), 1));
}

Result<ResultPtr> Link::answer() {
    if (PQpipelineSync(connection_.get()) == 0)
        return fail(lost("the connection to the database broke"));
    ResultPtr last;
    std::optional<Error> problem;
    for (; pending_ > 0; --pending_) {
        auto result = finish_statement();
        if (is_lost_) {
            pending_ = 0;
            return fail(problem ? std::move(*problem) : std::move(result).error());
        }
        if (!result && !problem) problem = std::move(result).error();
        if (result) last = std::move(*result);
    }
    TRY_ASSIGN(const auto sync, next_result());
    if (PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC)
        return fail(lost("unexpected response from the database"));
    if (problem) return fail(std::move(*problem));
    return last;
}

Result<void> Link::leave_pipeline() {
    if (pending_ > 0) {
        TRY(answer());
    }
    if (PQexitPipelineMode(connection_.get()) == 0) return fail(lost("the database is busy"));
    return {};
}

Result<void> Link::enter_pipeline() {
    if (PQenterPipelineMode(connection_.get()) == 0) return fail(lost("the database is busy"));
    return {};
}

Result<void> Link::execute(const std::string& sql) {
    TRY(leave_pipeline());
    if (PQsendQuery(connection_.get(), sql.c_str()) == 0)
        return fail(lost("the connection to the database broke"));
    auto done = finish_statement();
    if (is_lost_) return fail(std::move(done).error());
    TRY(enter_pipeline());
    if (!done) return fail(std::move(done).error());
    return {};
}

Result<void> Link::copy_in(const std::string& sql, ByteView data) {
    TRY(leave_pipeline());
    if (PQsendQuery(connection_.get(), sql.c_str()) == 0)
        return fail(lost("the connection to the database broke"));
    auto started = finish_statement();
    const bool is_copying = started && PQresultStatus(started->get()) == PGRES_COPY_IN;
    while (is_copying && !data.empty()) {
        const std::size_t size = std::min(data.size(), copy_chunk);
        const std::string_view chunk = as_text(data.first(size));
        const int put = PQputCopyData(connection_.get(), chunk.data(), static_cast<int>(size));
        if (put < 0) return fail(lost("the connection to the database broke"));
        // The buffer is full, or has enough data to send.
        TRY(flush());
        if (put > 0) data = data.subspan(size);
    }
    if (is_copying) {
        while (PQputCopyEnd(connection_.get(), nullptr) == 0) {
            TRY(flush());
        }
        started = finish_statement();
    }
    if (is_lost_) return fail(std::move(started).error());
    TRY(enter_pipeline());
    if (!started) return fail(std::move(started).error());
    return {};
}

} // namespace minewarden::collector::postgres
