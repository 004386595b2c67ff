// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/http.h"

#include "common/text.h"
#include "rules/recognise/json_lines.h"
#include "rules/recognise/websocket.h"

#include <algorithm>
#include <array>

namespace minewarden::rules {
namespace {

/// Position after the empty line that ends the head, or npos.
std::size_t end_of_head(std::string_view text) {
    const std::size_t strict = text.find("\r\n\r\n");
    const std::size_t loose = text.find("\n\n");
    const std::size_t strict_end = strict == text.npos ? text.npos : strict + 4;
    const std::size_t loose_end = loose == text.npos ? text.npos : loose + 2;
    return std::min(strict_end, loose_end);
}

/// A connection may carry mining after other requests. After this many other requests it counts as
/// ordinary, because reading further costs CPU.
constexpr int maximum_foreign_requests = 4;

/// Requests to monerod without a body that miners send; wallets and monitoring send them too.
bool is_height(std::string_view target) {
    constexpr std::array<std::string_view, 4> names{"/getheight", "/get_height", "/getinfo",
                                                    "/get_info"};
    return std::ranges::find(names, target) != names.end();
}

MiningMessage height() {
    MiningMessage message;
    message.protocol = MiningProtocol::monero_daemon;
    message.message = "height";
    message.sender = MiningSide::client;
    return message;
}

} // namespace

void HttpLayer::feed(std::string_view bytes, Recognised& found) {
    while (wants_more_ && !bytes.empty()) {
        if (inner_) {
            inner_->feed(bytes, found);
            return;
        }
        if (part_ == Part::head)
            take_head(bytes, found);
        else
            take_body(bytes, found);
    }
}

void HttpLayer::take_head(std::string_view& bytes, Recognised& found) {
    const std::size_t before = head_text_.size();
    head_text_ += bytes;
    const std::size_t end = end_of_head(head_text_);
    if (end == head_text_.npos) {
        bytes = {};
        wants_more_ = head_text_.size() <= JsonLine::maximum_bytes;
        return;
    }
    bytes.remove_prefix(end - before);
    auto head = HttpHead::parse(trim(std::string_view(head_text_).substr(0, end)));
    head_text_.clear();
    wants_more_ = head.has_value();
    if (!head) return;
    head_ = std::move(*head);
    if (head_.is_request)
        begin_request(found);
    else
        begin_response();
}

void HttpLayer::begin_request(Recognised& found) {
    const bool has_body = head_.chunked || head_.length.value_or(0) > 0;
    const bool is_call = head_.method == "POST" && has_body;
    if (head_.method == "CONNECT") {
        exchange_.tunnel_asked = true;
        tunnel();
    } else if (head_.websocket) {
        exchange_.upgrade_asked = true;
        inner_ = std::make_unique<WebSocketLayer>(exchange_, depth_);
    } else if (!is_call && is_height(head_.target)) {
        found.messages.push_back(height());
        found.messages.back().software = head_.software;
    } else if (!is_call && ++foreign_requests_ > maximum_foreign_requests) {
        wants_more_ = false;
    } else if (has_body) {
        part_ = Part::body;
        body_ = HttpBody(head_.length, head_.chunked);
    }
}

void HttpLayer::begin_response() {
    const bool informs = head_.status < 200;
    if (head_.status == 101) {
        inner_ = std::make_unique<WebSocketLayer>(exchange_, depth_);
    } else if (exchange_.tunnel_asked && head_.status / 100 == 2) {
        tunnel();
    } else if (!informs && head_.status != 204 && head_.status != 304) {
        part_ = Part::body;
        body_ = HttpBody(head_.length, head_.chunked);
        if (body_.is_complete()) part_ = Part::head;
    }
}

void HttpLayer::tunnel() {
    inner_ = std::make_unique<StreamLayer>(exchange_, StreamStart::beginning, depth_ + 1);
}

void HttpLayer::take_body(std::string_view& bytes, Recognised& found) {
    body_.feed(bytes);
    if (body_.is_broken()) {
        wants_more_ = false;
        return;
    }
    if (!body_.is_complete()) {
        if (body_start_ == BodyStart::unread) read_body_start(found);
        return;
    }
    if (body_start_ != BodyStart::recognised) end_body(found);
    body_start_ = BodyStart::unread;
    part_ = Part::head;
}

bool HttpLayer::read_call(std::string_view text, Recognised& found) const {
    auto call = JsonLine::parse(text);
    if (!call) return false;
    if (auto message = either_reading(*call, recognise_work_call)) {
        message->miner_header = head_.miner_header;
        if (message->software.empty()) message->software = head_.software;
        found.messages.push_back(std::move(*message));
    }
    return true;
}

/// Most blocks are longer than the captured part of a connection, so recognise them by their first
/// digits.
void HttpLayer::read_body_start(Recognised& found) {
    constexpr std::size_t enough = 1024;
    if (body_.text().size() < enough) return;
    body_start_ = BodyStart::says_nothing;
    std::string_view text = trim(body_.text().substr(0, enough));
    if (text.starts_with('[')) text = trim(text.substr(1));
    if (!text.starts_with('{')) return;
    const std::size_t before = found.messages.size();
    if (const auto closed = close_where_cut(text)) read_call(*closed, found);
    if (found.messages.size() > before) body_start_ = BodyStart::recognised;
}

void HttpLayer::end_body(Recognised& found) const {
    std::string_view text = trim(body_.text());
    if (body_.is_cut() || text.empty()) return;
    // One call, or a batch of them (JSON-RPC 2.0 section 6).
    if (text.front() == '[') text = trim(text.substr(1));
    constexpr int maximum_calls = 16;
    for (int i = 0; i < maximum_calls && !text.empty() && text.front() == '{'; ++i) {
        const std::size_t end = end_of_object(text, 0).value_or(text.size());
        if (!read_call(text.substr(0, end), found)) return;
        text = trim(text.substr(end));
        if (!text.empty() && text.front() == ',') text = trim(text.substr(1));
    }
}

} // namespace minewarden::rules
