// SPDX-License-Identifier: Apache-2.0
#include "common/host/path_pattern.h"

#include "common/text.h"

#include <algorithm>
#include <array>

namespace minewarden {
namespace {

constexpr std::size_t maximum_segment = 1024; // 255 bytes of which each can become U+FFFD
constexpr std::size_t id_length = 64;
constexpr std::size_t uuid_length = 36;
constexpr std::size_t hash_length = 32;
constexpr std::size_t maximum_digits = 20;

struct RuntimePrefix {
    std::string_view prefix;
    std::string_view runtime;
};
constexpr std::array runtime_prefixes{
    RuntimePrefix{"docker", "docker"},         RuntimePrefix{"cri-containerd", "containerd"},
    RuntimePrefix{"nerdctl", "containerd"},    RuntimePrefix{"crio", "crio"},
    RuntimePrefix{"libpod-payload", "podman"}, // --cgroups=split, as in Quadlet units
    RuntimePrefix{"libpod", "podman"},
};
constexpr std::array<std::string_view, 3> containerd_namespaces{"default", "k8s.io", "moby"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, is_hex_digit);
}

bool is_uuid(std::string_view text, std::string_view dashes) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool at_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (at_dash ? dashes.find(text[i]) == dashes.npos : !is_hex_digit(text[i])) return false;
    }
    return text.size() == uuid_length;
}

bool is_machine(std::string_view text, std::string_view prefix) {
    // An escape has four bytes, so this is enough to see the prefix.
    const std::string beginning = unescape_unit(text.substr(0, 4 * (prefix.size() + 1)));
    return beginning.size() > prefix.size() && beginning.starts_with(prefix);
}

class Matcher {
  public:
    explicit Matcher(std::string_view path) : path_(path) {}

    std::optional<PathCaptures> match(std::string_view pattern) {
        if (run(pattern, path_, {})) return result_;
        return std::nullopt;
    }

  private:
    // The functions call each other, as deep as the pattern is long.
    bool run(std::string_view pattern, std::string_view text, PathCaptures captures) {
        while (!pattern.empty() && pattern[0] != '[' && pattern[0] != '{') {
            if (text.empty() || text[0] != pattern[0]) return false;
            pattern.remove_prefix(1);
            text.remove_prefix(1);
        }
        if (pattern.empty()) {
            if (!text.empty() && text[0] != '/') return false;
            result_ = captures;
            result_.length = path_.size() - text.size();
            return true;
        }
        return pattern[0] == '[' ? run_optional(pattern, text, captures)
                                 : run_placeholder(pattern, text, captures);
    }

    bool run_optional(std::string_view pattern, std::string_view text,
                      const PathCaptures& captures) {
        std::size_t depth = 0;
        std::size_t end = 0;
        do {
            depth += pattern[end] == '[' ? 1 : 0;
            depth -= pattern[end] == ']' ? 1 : 0;
            ++end;
        } while (depth > 0 && end < pattern.size());
        const std::string_view rest = pattern.substr(end);
        const std::string with = std::string(pattern.substr(1, end - 2)) + std::string(rest);
        return run(with, text, captures) || run(rest, text, captures);
    }

    bool run_placeholder(std::string_view pattern, std::string_view text,
                         const PathCaptures& captures) {
        const std::size_t end = pattern.find('}');
        std::string_view name = pattern.substr(1, end - 1);
        const std::string_view rest = pattern.substr(end + 1);
        std::string_view prefix;
        if (const std::size_t equals = name.find('='); equals != name.npos) {
            prefix = name.substr(equals + 1);
            name = name.substr(0, equals);
        }
        const std::string_view segment = text.substr(0, text.find('/'));
        if (segment.size() > maximum_segment) return false;

        const auto try_with = [&](std::string_view PathCaptures::* field, std::string_view value,
                                  std::size_t length) {
            PathCaptures more = captures;
            more.*field = value;
            return run(rest, text.substr(length), more);
        };
        const auto try_fixed = [&](std::string_view PathCaptures::* field, std::size_t length,
                                   auto is_right) {
            const std::string_view value = segment.substr(0, length);
            return value.size() == length && is_right(value) && try_with(field, value, length);
        };
        const auto is_any_uuid = [](std::string_view value) { return is_uuid(value, "-"); };

        if (name == "id") return try_fixed(&PathCaptures::container, id_length, is_hex);
        if (name == "allocation") return try_fixed(&PathCaptures::group, uuid_length, is_any_uuid);
        if (name == "task")
            return try_fixed(&PathCaptures::group, uuid_length, is_any_uuid) ||
                   try_fixed(&PathCaptures::group, hash_length, is_hex);
        if (name == "pod")
            return try_fixed(&PathCaptures::pod, uuid_length,
                             [](std::string_view value) { return is_uuid(value, "-_"); }) ||
                   try_fixed(&PathCaptures::pod, hash_length, is_hex);
        if (name == "job" || name == "user") {
            const auto last = std::ranges::find_if_not(segment, is_digit);
            const auto length = static_cast<std::size_t>(last - segment.begin());
            if (length == 0 || length > maximum_digits) return false;
            return try_with(name == "job" ? &PathCaptures::group : &PathCaptures::user,
                            segment.substr(0, length), length);
        }
        if (name == "runtime")
            return std::ranges::any_of(runtime_prefixes, [&](const RuntimePrefix& each) {
                return segment.starts_with(each.prefix) &&
                       try_with(&PathCaptures::runtime, each.runtime, each.prefix.size());
            });
        if (name == "namespace")
            return std::ranges::any_of(containerd_namespaces, [&](std::string_view each) {
                return segment.starts_with(each) &&
                       try_with(&PathCaptures::group, each, each.size());
            });

        const bool is_literal = !rest.empty() && rest[0] != '[' && rest[0] != '{';
        for (std::size_t length = name == "*" ? 0 : 1; length <= segment.size(); ++length) {
            // Most lengths end where the pattern cannot go on.
            if (rest.empty() && length < segment.size()) continue;
            if (is_literal && (length == text.size() || text[length] != rest[0])) continue;
            const std::string_view value = segment.substr(0, length);
            if (name == "machine" && !is_machine(value, prefix)) continue;
            const bool matched = name == "*"       ? run(rest, text.substr(length), captures)
                                 : name == "group" ? try_with(&PathCaptures::group, value, length)
                                 : name == "step"
                                     ? try_with(&PathCaptures::step, value, length)
                                     : try_with(&PathCaptures::container, value, length);
            if (matched) return true;
        }
        return false;
    }

    std::string_view path_;
    PathCaptures result_;
};

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

std::optional<PathCaptures> match_path(std::string_view pattern, std::string_view path) {
    return Matcher(path).match(pattern);
}

std::string unescape_unit(std::string_view text) {
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape = i + 3 < text.size() && text[i] == '\\' && text[i + 1] == 'x' &&
                               hex_value(text[i + 2]) >= 0 && hex_value(text[i + 3]) >= 0;
        const int value = is_escape ? hex_value(text[i + 2]) * 16 + hex_value(text[i + 3]) : 0;
        if (value >= 0x20 && value != 0x7f) {
            name += static_cast<char>(value);
            i += 3;
        } else {
            name += text[i];
        }
    }
    return to_valid_utf8(name);
}

} // namespace minewarden
