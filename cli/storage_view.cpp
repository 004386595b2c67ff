// SPDX-License-Identifier: Apache-2.0
#include "cli/storage_view.h"

#include "cli/phrase.h"
#include "common/clock.h"
#include "common/text.h"

#include <fmt/core.h>

#include <array>
#include <chrono>

namespace minewarden::cli {
namespace {

using nlohmann::json;

constexpr std::size_t name_width = 12;
constexpr std::size_t date_length = 10;

struct ClassName {
    const char* key;
    Phrase title;
};
constexpr std::array<ClassName, 5> classes{{
    {"findings", {"findings", "检出"}},
    {"gaps", {"gaps", "缺口"}},
    {"visibility", {"visibility", "可见性"}},
    {"rule_sets", {"rule sets", "规则集"}},
    {"agents", {"agents", "探针"}},
}};

std::uint64_t number_of(const json& value, const char* key) {
    const auto found = value.find(key);
    return found != value.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

/// "640 B", "12.3 MiB"
std::string size_text(std::uint64_t bytes) {
    constexpr std::array<const char*, 5> units{"KiB", "MiB", "GiB", "TiB", "PiB"};
    if (bytes < 1024) return fmt::format("{} B", bytes);
    std::uint64_t tenths = bytes * 10 / 1024;
    std::size_t unit = 0;
    for (; tenths >= 10240 && unit + 1 < units.size(); ++unit) tenths /= 1024;
    return fmt::format("{}.{} {}", tenths / 10, tenths % 10, units.at(unit));
}

std::string limit_text(const json& data, Language language) {
    std::string text;
    const std::chrono::seconds age(number_of(data, "limit_age_s"));
    if (age.count() > 0) text = to_string(std::chrono::nanoseconds(age));
    if (const std::uint64_t bytes = number_of(data, "limit_bytes"); bytes > 0)
        text += (text.empty() ? "" : ", ") + size_text(bytes);
    return text.empty() ? Phrase{"none", "无"}.in(language) : text;
}

std::string class_line(const ClassName& name, const json& data, Language language) {
    const auto oldest = data.find("oldest");
    const std::string since =
        oldest != data.end() && oldest->is_string()
            ? escape_for_terminal(oldest->get<std::string>()).substr(0, date_length)
            : "-";
    constexpr Phrase line{"  {} {} rows, {}, oldest {}, limit {}",
                          "  {} {} 行，{}，最早 {}，上限 {}"};
    std::string text = line.with(language, fit_to_width(name.title.in(language), name_width),
                                 number_of(data, "rows"), size_text(number_of(data, "bytes")),
                                 since, limit_text(data, language));
    constexpr Phrase deleted{"; {} rows, {} deleted", "；已删除 {} 行，{}"};
    if (const std::uint64_t rows = number_of(data, "deleted_rows"); rows > 0)
        text += deleted.with(language, rows, size_text(number_of(data, "deleted_bytes")));
    return text + "\n";
}

} // namespace

std::string show_storage(const json& store, Language language) {
    const auto kept = store.find("classes");
    if (kept == store.end() || !kept->is_object()) return "";
    constexpr Phrase heading{"The database takes {} on disk and keeps:\n",
                             "数据库占用磁盘 {}，保存：\n"};
    std::string text = heading.with(language, size_text(number_of(store, "bytes")));
    for (const ClassName& name : classes) {
        const auto data = kept->find(name.key);
        if (data != kept->end() && data->is_object()) text += class_line(name, *data, language);
    }
    return text;
}

} // namespace minewarden::cli
