// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/phrase.h"
#include "common/file.h"
#include "common/text.h"
#include "rules/intel/indicators.h"
#include "rules/rule_set/rule_set.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace minewarden::cli {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr std::string_view usage =
    "minewarden rules check [FILE|DIR]... | list [FILE|DIR]... | fields | indicators FILE";

Result<std::shared_ptr<const rules::RuleSet>> load(std::vector<std::string> names) {
    std::vector<std::filesystem::path> paths(names.begin(), names.end());
    if (paths.empty()) paths.push_back(shared_data_directory() / "rules");
    TRY_ASSIGN(auto files, read_yaml_files(paths, yaml::maximum_bytes));
    if (files.empty())
        return fail(ErrorKind::data, fmt::format("no rule file (*.yaml) in {}",
                                                 escape_for_terminal(paths.front().string())));
    auto rules = rules::RuleSet::load(std::move(files));
    if (!rules) return fail(yaml::to_error(rules.error()));
    return std::move(*rules);
}

Result<void> check(const rules::RuleSet& rules) {
    if (rules.rules().empty()) return fail(ErrorKind::data, "the files contain no rule");
    return print(fmt::format("{} file(s), {} rule(s): good. Rule set {}\n", rules.files().size(),
                             rules.rules().size(), to_hex(rules.digest()).substr(0, 16)));
}

Result<void> list(const rules::RuleSet& rules, Language language, bool json) {
    if (json) {
        Json array = Json::array();
        for (const rules::Rule& rule : rules.rules()) {
            Json item;
            item["id"] = rule.id;
            item["title"] = {{"en", rule.title.en}, {"zh", rule.title.zh}};
            item["on"] = rules::spec_of(rule.on).name;
            item["condition"] = rule.condition_source;
            item["family"] = rules::to_string(rule.family);
            if (!rule.group.empty()) item["group"] = rule.group;
            for (const rules::Weight& weight : rule.weights)
                item["weights"][weight.activity.name()] = weight.milli_nats;
            item["attack"] = rule.attack;
            item["false_positives"] = rule.false_positives;
            item["file"] = rule.file;
            array.push_back(std::move(item));
        }
        return print(array.dump(2) + "\n");
    }
    std::string text;
    for (const rules::Rule& rule : rules.rules()) {
        text += fmt::format("{}  ({}, on {})\n  {}\n", rule.id, rules::to_string(rule.family),
                            rules::spec_of(rule.on).name, rule.title.in(language));
        for (const rules::Weight& weight : rule.weights)
            text += fmt::format("  {:+6} {}\n", weight.milli_nats, weight.activity.name());
    }
    return print(text);
}

Result<void> fields(bool json) {
    Json array = Json::array();
    std::string text;
    for (const rules::ObservationSpec& spec : rules::all_observations()) {
        Json item;
        item["observation"] = spec.name;
        item["help"] = spec.help;
        item["per_window"] = spec.per_window();
        item["fields"] = Json::array();
        text += fmt::format("{}: {}{}\n", spec.name, spec.help,
                            spec.per_window() ? " (window aggregates possible)" : "");
        for (const rules::FieldSpec& field : spec.fields) {
            item["fields"].push_back({{"name", field.name},
                                      {"type", rules::to_string(field.type)},
                                      {"help", field.help}});
            text += fmt::format("  {:<20} {:<15} {}\n", field.name, rules::to_string(field.type),
                                field.help);
        }
        array.push_back(std::move(item));
    }
    return print(json ? array.dump(2) + "\n" : text);
}

/// Hashes the names of a plain list and prints the result (docs/intel-format.md).
Result<void> make_list(const std::vector<std::string>& paths, std::string_view id,
                       std::string_view version, std::string_view salt_text) {
    if (paths.size() != 1 || id.empty())
        return fail(ErrorKind::usage, "usage: minewarden rules indicators FILE --list-id ID");
    rules::IntelSalt salt;
    if (salt_text.empty()) {
        fill_random(salt.bytes);
    } else {
        const auto bytes = from_hex(salt_text);
        const auto read = bytes ? rules::IntelSalt::from(as_bytes(*bytes)) : std::nullopt;
        if (!read) return fail(ErrorKind::usage, "--salt: expected 32 hexadecimal digits");
        salt = *read;
    }
    TRY_ASSIGN(auto plain, read_file(paths.front(), yaml::maximum_bytes));
    const auto list =
        rules::make_indicator_list({paths.front(), std::move(plain)}, id, version, salt);
    if (!list) return fail(yaml::to_error(list.error()));
    // Id and version are from the command line: check that the list can be loaded.
    if (const auto read = rules::IndicatorSet::load({{"the new list", *list}}); !read)
        return fail(yaml::to_error(read.error()));
    return print(*list);
}

} // namespace

Result<void> run_rules(const Arguments& arguments) {
    po::options_description options("Options");
    // clang-format off
    options.add_options()
        ("action", po::value<std::string>(), "check, list, fields or indicators")
        ("paths", po::value<std::vector<std::string>>(),
         "rule files or directories; default: the shipped pack")
        ("list-id", po::value<std::string>(), "of indicators: id of the new list")
        ("list-version", po::value<std::string>()->default_value("1"), "of indicators: version of the new list")
        ("salt", po::value<std::string>(), "of indicators: 32 hexadecimal digits; default: random")
        ("lang", po::value<std::string>(), "en or zh")
        ("output,o", po::value<std::string>()->default_value("table"), "table or json");
    // clang-format on
    po::positional_options_description positional;
    positional.add("action", 1).add("paths", -1);
    TRY_ASSIGN(const auto parsed, parse(arguments, usage, options, positional));
    if (parsed.help_shown) return {};
    TRY_ASSIGN(const auto language, language_of(parsed.text("lang")));
    const bool json = parsed.text("output") == "json";
    const std::string action = parsed.text("action");
    if (action == "fields") return fields(json);
    if (action == "indicators")
        return make_list(parsed.texts("paths"), parsed.text("list-id"), parsed.text("list-version"),
                         parsed.text("salt"));
    if (action != "check" && action != "list")
        return fail(ErrorKind::usage, fmt::format("usage: {}", usage));
    TRY_ASSIGN(const auto rules, load(parsed.texts("paths")));
    return action == "check" ? check(*rules) : list(*rules, language, json);
}

} // namespace minewarden::cli
