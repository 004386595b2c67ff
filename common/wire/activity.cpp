// SPDX-License-Identifier: Apache-2.0
#include "common/wire/activity.h"

#include "common/yaml/map_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

namespace minewarden {

namespace embedded {
extern const std::string_view activities_yaml;
} // namespace embedded

namespace {

struct Entry {
    std::string name;
    LocalizedText title;
};

/// Parses the embedded list. A mistake in it is a defect and stops every start.
const std::vector<Entry>& entries() {
    static const std::vector<Entry> list = [] {
        std::vector<Entry> read;
        const auto document =
            yaml::parse(std::string(embedded::activities_yaml), "activities.yaml");
        yaml::Diagnostics problems = document ? yaml::Diagnostics{} : document.error();
        const yaml::Node* items = document ? document->root.find("activities") : nullptr;
        if (items != nullptr) {
            for (const yaml::Node& item : items->items) {
                yaml::MapReader reader(*document, item, problems);
                auto name = reader.text("name", true);
                auto title = reader.localized("title", true);
                reader.finish();
                if (name && title) read.push_back({std::move(*name), std::move(*title)});
            }
        }
        if (!problems.empty() || read.empty()) {
            fmt::print(stderr, "{}\n", yaml::to_error(problems).message);
            std::abort();
        }
        return read;
    }();
    return list;
}

} // namespace

std::optional<Activity> Activity::find(std::string_view name) {
    const auto found = std::ranges::find(entries(), name, &Entry::name);
    if (found == entries().end()) return std::nullopt;
    return Activity(static_cast<std::uint16_t>(found - entries().begin()));
}

Activity Activity::unknown() {
    static const Activity unknown = *find("unknown");
    return unknown;
}

std::vector<Activity> Activity::all() {
    std::vector<Activity> list;
    list.reserve(entries().size());
    for (std::size_t i = 0; i < entries().size(); ++i)
        list.push_back(Activity(static_cast<std::uint16_t>(i)));
    return list;
}

const std::string& Activity::name() const {
    return entries()[index_].name;
}

const LocalizedText& Activity::title() const {
    return entries()[index_].title;
}

bool Activity::is_under(std::string_view prefix) const {
    const std::string& own = name();
    return own.starts_with(prefix) && (own.size() == prefix.size() || own[prefix.size()] == '.');
}

const std::vector<std::string_view>& activity_names() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> list;
        for (const Entry& entry : entries()) list.push_back(entry.name);
        return list;
    }();
    return names;
}

} // namespace minewarden
