// SPDX-License-Identifier: Apache-2.0
#include "collector/store/postgres/targets.h"

#include "common/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <libpq-fe.h>
#include <map>
#include <memory>

namespace minewarden::collector::postgres {
namespace {

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

/// The parts of the URI.
Result<std::map<std::string, std::string>> parse(const std::string& uri) {
    char* problem = nullptr;
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(
        PQconninfoParse(uri.c_str(), &problem));
    if (!options) {
        const std::string reason(trim(problem == nullptr ? "" : problem));
        PQfreemem(problem);
        // What libpq quotes may be a part of the password.
        const std::string unquoted(trim(std::string_view(reason).substr(0, reason.find('"'))));
        return fail(ErrorKind::config,
                    fmt::format("collector.database is not a PostgreSQL URI: {}",
                                unquoted.ends_with(':') ? unquoted.substr(0, unquoted.size() - 1)
                                                        : unquoted));
    }
    std::map<std::string, std::string> parts;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) parts.emplace(option->keyword, option->val);
    }
    return parts;
}

/// The item of this server; a single item is for all servers.
std::string item(const std::string& list, std::size_t index) {
    const auto items = split(list, ',');
    return std::string(items.size() == 1 ? items.front()
                                         : items.at(std::min(index, items.size() - 1)));
}

std::string conninfo_value(std::string_view value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    return text + "'";
}

} // namespace

Result<std::vector<std::string>> targets_of(const std::string& uri) {
    TRY_ASSIGN(const auto parts, parse(uri));
    constexpr std::array<const char*, 3> lists{"host", "hostaddr", "port"};
    std::size_t servers = 1;
    for (const char* name : lists) {
        if (const auto list = parts.find(name); list != parts.end())
            servers = std::max(servers, split(list->second, ',').size());
    }
    std::vector<std::string> targets;
    for (std::size_t server = 0; server < servers; ++server) {
        std::string target;
        for (const auto& [keyword, value] : parts) {
            const bool is_list = std::ranges::find(lists, keyword) != lists.end();
            target += fmt::format("{}={} ", keyword,
                                  conninfo_value(is_list ? item(value, server) : value));
        }
        targets.push_back(std::move(target));
    }
    return targets;
}

std::string shown(const std::string& uri) {
    const auto parts = parse(uri);
    const auto part = [&](const char* name) {
        const auto found =
            parts ? parts->find(name) : std::map<std::string, std::string>::const_iterator{};
        return parts && found != parts->end() ? found->second : std::string();
    };
    return fmt::format("the PostgreSQL database \"{}\" at {}", part("dbname"),
                       part("host").empty() ? "the local socket" : part("host"));
}

} // namespace minewarden::collector::postgres
