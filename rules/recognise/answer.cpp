// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/answer.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;
using Member = JsonLine::Member;

/// FNV-1a, never 0. The same for 7 and "7": pools answer with either. A pool repeats whatever it
/// was given, so no id, null and a list are ids as well.
std::uint64_t hash_of(const Member* id) {
    const std::string_view text = id == nullptr ? "none" : std::string_view(id->text);
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash == 0 ? 1 : hash;
}

bool is_false(const Member& member) {
    return member.kind == Kind::boolean && member.text == "false";
}

std::optional<std::int64_t> number_at(const JsonLine& line, std::string_view path) {
    const Member* member = line.find(path);
    if (member == nullptr || member->kind != Kind::number) return std::nullopt;
    std::int64_t value = 0;
    const char* end = member->text.data() + member->text.size();
    const auto [stop, error] = std::from_chars(member->text.data(), end, value);
    return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

/// Pools refuse a share with a code of their own. What JSON-RPC reserves says that the call was not
/// understood (2.0 section 5.1), and some say that the client is not logged in: 24 and 25 in the
/// Bitcoin dialect, -32500 in Grin's.
bool is_about_a_share(std::int64_t code) {
    const bool is_reserved =
        code == -32700 || (code >= -32603 && code <= -32600) || (code >= -32099 && code <= -32000);
    return !is_reserved && code != 24 && code != 25 && code != -32500;
}

/// In dialects with one code for everything, the text shows what the error is about.
bool is_about_the_session(const std::string* text) {
    if (text == nullptr) return false;
    std::string lower(*text);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    constexpr std::array<std::string_view, 4> words{"auth", "login", "method", "subscribe"};
    return std::ranges::any_of(
        words, [&](std::string_view word) { return lower.find(word) != lower.npos; });
}

/// {"code": -1, "message": "..."} or [21, "...", null].
Reply kind_of_error(const JsonLine& line) {
    const auto code = line.has("error", Kind::array) ? number_at(line, "error[0]")
                                                     : number_at(line, "error.code");
    const std::string* text =
        line.has("error", Kind::array) ? line.text("error[1]") : line.text("error.message");
    return code && is_about_a_share(*code) && !is_about_the_session(text) ? Reply::refusal
                                                                          : Reply::error;
}

/// {"id": 31} alone, as in EIP-1571.
bool has_only_an_id(const JsonLine& line) {
    return line.find("id") != nullptr &&
           std::ranges::all_of(line.members(), [](const Member& member) {
               return member.path.empty() || member.path == "id" || member.path == "jsonrpc";
           });
}

Reply json_rpc_reply(const JsonLine& line) {
    const Member* error = line.find("error");
    const Member* result = line.find("result");
    // Some answers repeat the method (Grin).
    if (error == nullptr && result == nullptr)
        return has_only_an_id(line) ? Reply::result : Reply::none;
    if (error != nullptr && error->kind != Kind::null && !is_false(*error))
        return kind_of_error(line);
    return result != nullptr && is_false(*result) ? Reply::refusal : Reply::result;
}

/// {"method": "result", "code": 1}: 0 and 1 are good.
std::optional<Reply> beam_reply(const JsonLine& line, std::string_view method) {
    const auto code = number_at(line, "code");
    if (method != "result" || !code) return std::nullopt;
    return *code >= 0 ? Reply::result : Reply::refusal;
}

/// An answer to a share of a miner in a browser, or of Iron Fish's.
std::optional<MiningMessage> share_answer(const JsonLine& line) {
    MiningMessage found = make_message(MiningProtocol::browser, "answer", MiningSide::server);
    found.reply = Reply::result;
    found.answers = "submit";
    const std::string* type = line.text("type");
    const std::string* identifier = line.text("identifier");
    if ((type != nullptr && *type == "hash_accepted") ||
        (identifier != nullptr && *identifier == "hashsolved"))
        return found;
    const std::string* method = line.text("method");
    const Member* accepted = line.find("body.result");
    if (method == nullptr || *method != "mining.submitted" || accepted == nullptr)
        return std::nullopt;
    found.answers = {};
    found.id = hash_of(line.find("body.id"));
    found.reply = is_false(*accepted) ? Reply::refusal : Reply::result;
    return found;
}

} // namespace

std::optional<MiningMessage> with_reply(const JsonLine& line,
                                        std::optional<MiningMessage> recognised) {
    if (!recognised) {
        if (auto found = share_answer(line)) return found;
    }
    const std::string* method = line.text("method");
    const auto beam = method == nullptr ? std::nullopt : beam_reply(line, *method);
    const Reply reply = beam ? *beam : json_rpc_reply(line);
    if (!recognised) {
        if (reply == Reply::none) return std::nullopt;
        recognised = make_message(MiningProtocol::bitcoin, "answer", MiningSide::server);
    }
    recognised->id = hash_of(line.find("id"));
    if (recognised->sender == MiningSide::server) recognised->reply = reply;
    return recognised;
}

} // namespace minewarden::rules
