// SPDX-License-Identifier: Apache-2.0
#include "cli/api_client.h"

#include "common/text.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/core.h>

#include <utility> // Boost 1.74's Asio forgets it under C++20

namespace minewarden::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Stream = beast::basic_stream<asio::local::stream_protocol>;

constexpr std::size_t maximum_response = 256 << 20;

/// The collector's own words from a problem document (RFC 9457).
std::string problem_text(const std::string& body, unsigned status) {
    const auto problem = nlohmann::json::parse(body, nullptr, false);
    const std::string title = problem.is_object() ? problem.value("title", "") : "";
    const std::string detail = problem.is_object() ? problem.value("detail", "") : "";
    if (title.empty() && detail.empty()) return fmt::format("the collector answers {}", status);
    return escape_for_terminal(
        to_valid_utf8(title + (title.empty() || detail.empty() ? "" : ": ") + detail));
}

} // namespace

std::string encode_query(const ApiClient::Query& query) {
    constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string text;
    for (const auto& [key, value] : query) {
        text += fmt::format("{}{}=", text.empty() ? "?" : "&", key);
        for (const char c : value) {
            if (unreserved.find(c) != std::string_view::npos)
                text += c;
            else
                text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return text;
}

Result<std::string> ApiClient::get(const std::string& path, const Query& query,
                                   std::chrono::seconds timeout) const {
    asio::io_context context;
    Stream stream(context);
    stream.expires_after(timeout);
    boost::system::error_code error;
    http::response_parser<http::string_body> parser;
    parser.body_limit(maximum_response);
    beast::flat_buffer buffer;
    http::request<http::empty_body> request(http::verb::get, path + encode_query(query), 11);
    request.set(http::field::host, "localhost");
    request.set(http::field::connection, "close");

    // Asynchronous inside, so that the timeout covers all of it.
    std::string_view step = "connect to";
    const auto done = [&](std::string_view next, auto then) {
        return [&error, &step, next, then](boost::system::error_code result, auto&&...) {
            error = result;
            if (error) return;
            step = next;
            then();
        };
    };
    const auto read = [&] { http::async_read(stream, buffer, parser, done("read from", [] {})); };
    const auto write = [&] { http::async_write(stream, request, done("read from", read)); };
    stream.async_connect(asio::local::stream_protocol::endpoint(socket_.string()),
                         done("write to", write));
    context.run();
    if (error) {
        if (error == beast::error::timeout)
            return fail(ErrorKind::unavailable, fmt::format("{} does not answer within {} s",
                                                            socket_.string(), timeout.count()));
        if (error.category() == boost::system::system_category())
            return fail(system_error(ErrorKind::unavailable,
                                     fmt::format("cannot {} the collector at {} (is "
                                                 "minewarden-collector running? another socket: "
                                                 "--socket PATH)",
                                                 step, socket_.string()),
                                     error.value()));
        return fail(ErrorKind::unavailable,
                    fmt::format("{}: {}", socket_.string(), error.message()));
    }
    const unsigned status = parser.get().result_int();
    if (status >= 500)
        return fail(ErrorKind::unavailable, problem_text(parser.get().body(), status));
    if (status >= 400) return fail(ErrorKind::data, problem_text(parser.get().body(), status));
    return std::move(parser.get().body());
}

Result<nlohmann::json> ApiClient::get_json(const std::string& path, const Query& query,
                                           std::chrono::seconds timeout) const {
    TRY_ASSIGN(auto body, get(path, query, timeout));
    auto json = nlohmann::json::parse(body, nullptr, false);
    if (json.is_discarded())
        return fail(ErrorKind::data, fmt::format("{} did not answer with JSON", socket_.string()));
    return json;
}

} // namespace minewarden::cli
