// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/json_lines.h"

#include "common/text.h"

#include <algorithm>
#include <utility>

namespace minewarden::rules {
namespace {

/// A banner or the greeting of a proxy has fewer lines; a page or a log has more.
constexpr int maximum_foreign_lines = 8;
/// Limits the work on a line full of braces.
constexpr int maximum_objects_per_line = 32;

std::size_t skip_space(std::string_view text, std::size_t at) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r')) ++at;
    return at;
}

/// Position at or after `from` where an object may begin: after a '}' and spaces. For streams read
/// from the middle.
std::size_t next_begin(std::string_view text, std::size_t from) {
    for (std::size_t brace = text.find('}', from); brace != text.npos;
         brace = text.find('}', brace + 1)) {
        const std::size_t begin = skip_space(text, brace + 1);
        if (begin < text.size() && text[begin] == '{') return begin;
    }
    return text.npos;
}

bool is_binary(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r' && c != '\n';
    });
}

} // namespace

std::optional<std::size_t> end_of_object(std::string_view text, std::size_t begin) {
    std::size_t depth = 0;
    bool in_text = false;
    for (std::size_t i = begin; i < text.size(); ++i) {
        const char c = text[i];
        if (in_text) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_text = false;
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return i + 1;
        }
    }
    return std::nullopt;
}

std::optional<std::string> close_where_cut(std::string_view begin) {
    std::string closing; // innermost last
    bool in_text = false;
    for (std::size_t i = 0; i < begin.size(); ++i) {
        const char c = begin[i];
        if (in_text && c == '\\') {
            if (++i == begin.size()) return std::nullopt;
        } else if (c == '"') {
            in_text = !in_text;
        } else if (!in_text && (c == '{' || c == '[')) {
            closing += c == '{' ? '}' : ']';
            if (closing.size() > JsonLine::maximum_depth) return std::nullopt;
        } else if (!in_text && (c == '}' || c == ']')) {
            if (closing.empty() || closing.back() != c) return std::nullopt;
            closing.pop_back();
        }
    }
    if (!in_text) return std::nullopt;
    std::ranges::reverse(closing);
    return std::string(begin) + '"' + closing;
}

void JsonLines::give_up() {
    wants_more_ = false;
    line_.clear();
}

void JsonLines::count_foreign_line() {
    foreign_now_ = foreign_now_ || !first_line_;
    if (++foreign_lines_ >= maximum_foreign_lines) give_up();
}

std::vector<JsonLine> JsonLines::feed(std::string_view bytes) {
    std::vector<JsonLine> objects;
    if (!wants_more_) return objects;
    if (start_ == StreamStart::beginning && !any_seen_) {
        // A JSON line protocol begins with an object, after optional white space.
        const std::string_view begin = trim(bytes);
        if (begin.empty()) return objects;
        any_seen_ = true;
        if (begin.front() != '{') {
            give_up();
            return objects;
        }
    }
    foreign_now_ = false;
    if (start_ == StreamStart::middle && is_binary(bytes)) {
        foreign_now_ = true;
        count_foreign_line();
    }
    while (wants_more_ && !bytes.empty()) {
        const std::size_t newline = bytes.find('\n');
        if (!overlong_) line_ += bytes.substr(0, newline);
        if (line_.size() > JsonLine::maximum_bytes) {
            line_.clear();
            if (start_ == StreamStart::beginning) give_up();
            overlong_ = true;
        }
        if (newline == std::string_view::npos) break;
        bytes.remove_prefix(newline + 1);
        end_line(objects);
    }
    if (wants_more_ && !overlong_ && line_.ends_with('}'))
        line_.erase(0, take_objects(line_, false, objects));
    if (start_ == StreamStart::middle && foreign_now_) objects.clear();
    return objects;
}

void JsonLines::end_line(std::vector<JsonLine>& objects) {
    const std::string_view line = trim(line_);
    const bool may_be_tail = first_line_ && (overlong_ || line.ends_with('}'));
    if (start_ == StreamStart::middle && !line.starts_with('{') && !line.empty() && !may_be_tail)
        count_foreign_line();
    if (wants_more_ && !overlong_) take_objects(line, true, objects);
    first_line_ = false;
    overlong_ = false;
    line_.clear();
}

/// Returns how many bytes of `text` are done.
std::size_t JsonLines::take_objects(std::string_view text, bool line_ended,
                                    std::vector<JsonLine>& objects) const {
    std::size_t begin = skip_space(text, 0);
    std::size_t done = 0;
    if (begin >= text.size() || text[begin] != '{') {
        if (start_ == StreamStart::beginning) return done;
        begin = next_begin(text, begin);
    }
    for (int i = 0; i < maximum_objects_per_line && begin < text.size(); ++i) {
        const auto end = end_of_object(text, begin);
        if (!end) break;
        const std::size_t next = skip_space(text, *end);
        // An object inside something larger is not a message.
        const bool stands_alone = next >= text.size() || text[next] == '{';
        auto object = stands_alone ? JsonLine::parse(text.substr(begin, *end - begin))
                                   : std::optional<JsonLine>();
        if (object) {
            objects.push_back(std::move(*object));
            done = *end;
        } else if (start_ == StreamStart::beginning && line_ended) {
            break;
        }
        begin = stands_alone ? next : next_begin(text, *end);
    }
    return done;
}

} // namespace minewarden::rules
