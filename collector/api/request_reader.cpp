// SPDX-License-Identifier: Apache-2.0
// The only file of the collector that includes Boost.Beast, because it is slow to compile. Uses its
// parser without its streams.
#include "collector/api/request_reader.h"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/core.h>

namespace minewarden::collector {

namespace http = boost::beast::http;

struct RequestReader::Parser {
    explicit Parser(const Limits& limits) {
        parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
        parser.body_limit(limits.body_bytes);
        parser.eager(true);
    }
    http::request_parser<http::string_body> parser;
};

namespace {

Method method_of(http::verb verb) {
    switch (verb) {
    case http::verb::get:
        return Method::get;
    case http::verb::head:
        return Method::head;
    case http::verb::post:
        return Method::post;
    case http::verb::put:
        return Method::put;
    case http::verb::patch:
        return Method::patch;
    case http::verb::delete_:
        return Method::delete_;
    default:
        return Method::other;
    }
}

Problem problem_of(const boost::system::error_code& error, const RequestReader::Limits& limits) {
    if (error == http::error::header_limit)
        return {431, "",
                fmt::format("the header, or the data between chunks, is larger than {} bytes",
                            limits.header_bytes)};
    if (error == http::error::body_limit)
        return {413, "", fmt::format("the body is larger than {} bytes", limits.body_bytes)};
    return {400, "", fmt::format("invalid HTTP/1.1: {}", error.message())};
}

} // namespace

RequestReader::RequestReader(Limits limits)
    : limits_(limits), parser_(std::make_unique<Parser>(limits)) {
}

RequestReader::~RequestReader() = default;

void RequestReader::append(std::string_view bytes) {
    buffer_.append(bytes);
}

Result<std::optional<RequestReader::Received>, Problem> RequestReader::next() {
    auto& parser = parser_->parser;
    std::size_t parsed = 0;
    while (!parser.is_done() && parsed < buffer_.size()) {
        const bool had_header = parser.is_header_done();
        boost::system::error_code error;
        parsed += parser.put({buffer_.data() + parsed, buffer_.size() - parsed}, error);
        if (!had_header && parser.is_header_done())
            expects_continue_ =
                boost::beast::iequals(parser.get()[http::field::expect], "100-continue");
        if (error == http::error::need_more) break;
        if (error) return fail(problem_of(error, limits_));
    }
    buffer_.erase(0, parsed);
    // Also bounds the data between chunks: sizes, extensions and trailers.
    if (!parser.is_done() && buffer_.size() > limits_.header_bytes)
        return fail(problem_of(http::error::header_limit, limits_));
    if (!parser.is_done()) return std::optional<Received>();

    auto message = parser.release();
    parser_ = std::make_unique<Parser>(limits_);
    expects_continue_ = false;
    const auto text = [](boost::string_view view) { return std::string(view.data(), view.size()); };
    Received received;
    received.request.method = method_of(message.method());
    received.request.target = text(message.target());
    received.request.content_type = text(message[http::field::content_type]);
    received.keep_alive = message.keep_alive();
    received.request.body = std::move(message.body());
    return std::optional(std::move(received));
}

bool RequestReader::take_expect_continue() {
    return std::exchange(expects_continue_, false);
}

std::size_t RequestReader::held_bytes() const {
    return buffer_.capacity() + parser_->parser.get().body().capacity();
}

} // namespace minewarden::collector
