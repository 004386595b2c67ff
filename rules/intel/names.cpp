// SPDX-License-Identifier: Apache-2.0
// Names, their digests, and how lists are made.
#include "rules/intel/names.h"

#include "common/text.h"
#include "rules/intel/indicators.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace minewarden::rules {

std::string_view to_string(IndicatorKind kind) {
    return kind == IndicatorKind::pool ? "pool" : "site";
}

NameDigest digest_of_name(const IntelSalt& salt, std::string_view name) {
    NameDigest digest;
    keyed_hash(salt.view(), as_bytes(name), digest.bytes);
    return digest;
}

bool is_host_name(std::string_view name) {
    if (name.empty() || name.size() > 253) return false;
    for (const std::string_view label : split(name, '.')) {
        if (label.empty() || label.size() > 63) return false;
        const bool good = std::ranges::all_of(label, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        });
        if (!good) return false;
    }
    return true;
}

bool is_coin_name(std::string_view name) {
    return !name.empty() && name.size() <= 32 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

std::string_view parent_of(std::string_view name) {
    const std::size_t dot = name.find('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

std::string_view registrable_domain(std::string_view name) {
    constexpr std::array<std::string_view, 10> categories{"com", "co", "net", "org", "edu",
                                                          "gov", "ac", "or",  "ne",  "go"};
    const std::size_t last = name.rfind('.');
    if (last == std::string_view::npos || last == 0) return name;
    std::size_t start = name.rfind('.', last - 1);
    if (start == std::string_view::npos || start == 0) return name;
    const std::string_view second = name.substr(start + 1, last - start - 1);
    const bool is_category =
        name.size() - last - 1 == 2 && std::ranges::find(categories, second) != categories.end();
    if (is_category) {
        start = name.rfind('.', start - 1);
        if (start == std::string_view::npos) return name;
    }
    return name.substr(start + 1);
}

Result<std::string, yaml::Diagnostics> make_indicator_list(const TextFile& plain,
                                                           std::string_view id,
                                                           std::string_view version,
                                                           const IntelSalt& salt) {
    yaml::Diagnostics problems;
    std::map<std::pair<std::string, std::string>, std::vector<NameDigest>> groups;
    std::map<NameDigest, int> lines;
    int number = 0;
    for (const std::string_view line : split(plain.content, '\n')) {
        ++number;
        const auto complain = [&](std::string message) {
            problems.push_back({plain.name, {number, 1}, std::move(message)});
        };
        std::string text(line.substr(0, line.find('#')));
        std::ranges::replace(text, '\t', ' ');
        std::vector<std::string_view> words = split(trim(text), ' ');
        std::erase(words, std::string_view());
        if (words.empty()) continue;
        std::string_view name = words.size() > 1 ? words[1] : std::string_view();
        if (name.starts_with('=')) name.remove_prefix(1);
        if (words.size() > 3 || (words[0] != "pool" && words[0] != "site")) {
            complain("expected: pool NAME [COIN], or: site NAME [COIN]");
        } else if (!is_host_name(name) || parent_of(name).empty()) {
            complain(fmt::format("\"{}\" is not a host name of two labels or more, in lower case",
                                 escape_for_terminal(name)));
        } else if (words.size() > 2 && !is_coin_name(words[2])) {
            complain("invalid coin: expected 1 to 32 lower-case letters, digits or '-'");
        } else {
            const NameDigest digest = digest_of_name(salt, words[1]);
            const auto [known, fresh] = lines.emplace(digest, number);
            if (!fresh) complain(fmt::format("duplicate of line {}", known->second));
            const std::string coin(words.size() > 2 ? words[2] : std::string_view());
            groups[{std::string(words[0]), coin}].push_back(digest);
        }
    }
    if (!problems.empty()) return fail(std::move(problems));
    std::string yaml = fmt::format("intel:\n  id: {}\n  version: \"{}\"\n  salt: \"{}\"\nnames:\n",
                                   id, version, to_hex(salt));
    if (groups.empty()) yaml.replace(yaml.rfind("names:\n"), 7, "names: []\n");
    for (auto& [key, digests] : groups) {
        std::ranges::sort(digests); // so that it does not reveal the order of the plain list
        yaml += fmt::format("  - kind: {}\n", key.first);
        if (!key.second.empty()) yaml += fmt::format("    coin: \"{}\"\n", key.second);
        yaml += "    digests:\n";
        for (const NameDigest& digest : digests)
            yaml += fmt::format("      - \"{}\"\n", to_hex(digest));
    }
    return yaml;
}

} // namespace minewarden::rules
