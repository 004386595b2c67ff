// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/json_line.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace minewarden::rules {

/// Receives the events of nlohmann's parser (which does not recurse). Returning false stops it.
class JsonLineBuilder final : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit JsonLineBuilder(JsonLine& line) : line_(line) {}

    bool null() override { return add(JsonLine::Kind::null); }
    bool boolean(bool) override { return add(JsonLine::Kind::boolean); }
    bool number_integer(number_integer_t) override { return add(JsonLine::Kind::number); }
    bool number_unsigned(number_unsigned_t) override { return add(JsonLine::Kind::number); }
    bool number_float(number_float_t, const string_t&) override {
        return add(JsonLine::Kind::number);
    }
    bool string(string_t& value) override { return add(JsonLine::Kind::text, &value); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(JsonLine::Kind::object); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(JsonLine::Kind::array); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        // Escape dots, so that a key cannot imitate a path.
        std::string& key = levels_.back().key;
        key.clear();
        for (const char c : name) {
            if (c == '.' || c == '[' || c == '\\') key += '\\';
            key += c;
        }
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

  private:
    struct Level {
        std::size_t member; // index in members_
        std::string key;    // key of the next value, in an object
    };

    [[nodiscard]] std::string next_path() const {
        if (levels_.empty()) return {};
        const JsonLine::Member& parent = line_.members_[levels_.back().member];
        if (parent.kind == JsonLine::Kind::array)
            return fmt::format("{}[{}]", parent.path, parent.size);
        return parent.path.empty() ? levels_.back().key
                                   : fmt::format("{}.{}", parent.path, levels_.back().key);
    }

    bool add(JsonLine::Kind kind, std::string* text = nullptr) {
        if (levels_.empty() && kind != JsonLine::Kind::object) return false; // the root
        if (line_.members_.size() >= JsonLine::maximum_members) return false;
        JsonLine::Member member;
        member.path = next_path();
        if (line_.find(member.path) != nullptr) line_.repeated_ = true;
        member.kind = kind;
        if (text != nullptr) member.text = std::move(*text);
        if (!levels_.empty()) ++line_.members_[levels_.back().member].size;
        line_.members_.push_back(std::move(member));
        return true;
    }

    bool open(JsonLine::Kind kind) {
        if (levels_.size() >= JsonLine::maximum_depth || !add(kind)) return false;
        levels_.push_back({line_.members_.size() - 1, {}});
        return true;
    }

    bool close() {
        levels_.pop_back();
        return true;
    }

    JsonLine& line_;
    std::vector<Level> levels_;
};

std::optional<JsonLine> JsonLine::parse(std::string_view text) {
    // The parser would treat a NUL as the end of its input.
    if (text.size() > maximum_bytes || text.find('\0') != text.npos) return std::nullopt;
    JsonLine line;
    JsonLineBuilder builder(line);
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
    return line;
}

const JsonLine::Member* JsonLine::find(std::string_view path) const {
    const Member* found = nullptr;
    for (const Member& member : members_) {
        if (member.path != path) continue;
        found = &member;
        if (!last_wins_) break;
    }
    return found;
}

bool JsonLine::has(std::string_view path, Kind kind) const {
    const Member* member = find(path);
    return member != nullptr && member->kind == kind;
}

const std::string* JsonLine::text(std::string_view path) const {
    const Member* member = find(path);
    return member != nullptr && member->kind == Kind::text ? &member->text : nullptr;
}

bool is_hex(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

bool is_hex_of(const std::string* text, std::size_t minimum, std::size_t maximum) {
    return text != nullptr && text->size() >= minimum && text->size() <= maximum && is_hex(*text);
}

} // namespace minewarden::rules
