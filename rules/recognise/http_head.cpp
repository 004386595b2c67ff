// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/http_head.h"

#include "common/text.h"
#include "rules/recognise/mining_message.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace minewarden::rules {
namespace {

/// Other methods carry no work calls and open no tunnel.
constexpr std::array<std::string_view, 7> begins{"POST ", "GET ", "CONNECT ", "HTTP/1.",
                                                 "HEAD ", "PUT ", "OPTIONS "};

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool read_start_line(std::string_view line, HttpHead& head) {
    const std::size_t first = line.find(' ');
    if (first == line.npos) return false;
    const std::size_t second = line.find(' ', first + 1);
    if (line.starts_with("HTTP/1.")) {
        const auto status = number<int>(line.substr(first + 1, second - first - 1));
        if (!status || *status < 100 || *status > 599) return false;
        head.status = *status;
        return true;
    }
    if (second == line.npos || !line.substr(second + 1).starts_with("HTTP/1.")) return false;
    head.is_request = true;
    head.method = line.substr(0, first);
    head.target = line.substr(first + 1, second - first - 1);
    return true;
}

} // namespace

std::optional<HttpHead> HttpHead::parse(std::string_view text) {
    HttpHead head;
    bool first = true;
    for (const std::string_view raw : split(text, '\n')) {
        const std::string_view line = trim(raw);
        if (first) {
            if (!read_start_line(line, head)) return std::nullopt;
            first = false;
            continue;
        }
        const std::size_t colon = line.find(':');
        if (colon == line.npos) continue;
        const std::string name = lower(line.substr(0, colon));
        const std::string_view value = trim(line.substr(colon + 1));
        if (name == "content-length") {
            head.length = number<std::uint64_t>(value);
            if (!head.length) return std::nullopt;
        } else if (name == "transfer-encoding") {
            head.chunked = lower(value).ends_with("chunked");
        } else if (name == "upgrade") {
            head.websocket = lower(value) == "websocket";
        } else if (name == "user-agent") {
            head.software = product_name(value.substr(0, value.find(' ')));
        } else if (name == "x-mining-extensions" || name == "x-mining-hashrate" ||
                   name == "x-hash-difficulty") {
            head.miner_header = true;
        }
    }
    return first ? std::nullopt : std::optional(std::move(head));
}

Begins starts_http(std::string_view bytes) {
    for (const std::string_view begin : begins) {
        const std::size_t compared = std::min(begin.size(), bytes.size());
        if (bytes.substr(0, compared) != begin.substr(0, compared)) continue;
        return compared == begin.size() ? Begins::yes : Begins::perhaps;
    }
    return Begins::no;
}

} // namespace minewarden::rules
