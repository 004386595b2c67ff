// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_set/read_numbers.h"

#include "common/yaml/map_reader.h"

#include <fmt/core.h>

namespace minewarden::rules {
namespace {

std::vector<std::int64_t> read_list(yaml::MapReader& reader, std::string_view key) {
    std::vector<std::int64_t> values;
    const yaml::Node* node = reader.required(key);
    if (node == nullptr) return values;
    for (const yaml::Node& item : node->items) {
        const auto value = yaml::to_integer(item);
        if (!value) reader.report(item.mark, "expected a whole number");
        values.push_back(value.value_or(0));
    }
    return values;
}

} // namespace

Numbers read_numbers(const yaml::Document& document, const yaml::Node& node,
                     yaml::Diagnostics& problems) {
    const std::size_t before = problems.size();
    yaml::MapReader reader(document, node, problems);
    const auto integer = [&](yaml::MapReader& from, std::string_view key) {
        return from.integer(key, true, -maximum_log_odds, maximum_log_odds).value_or(0);
    };
    Numbers numbers;
    numbers.prior = integer(reader, "prior");
    numbers.suspected_from = integer(reader, "suspected_from");
    numbers.probable_from = integer(reader, "probable_from");
    numbers.confirmed_from = integer(reader, "confirmed_from");
    numbers.family_supports_from = integer(reader, "family_supports_from");
    numbers.refuting_lowers_from =
        reader.integer("refuting_lowers_from", false, -maximum_log_odds, maximum_log_odds)
            .value_or(numbers.refuting_lowers_from);
    numbers.decay = read_list(reader, "decay");
    numbers.refuting_decay = read_list(reader, "refuting_decay");
    if (const yaml::Node* caps = reader.required("caps")) {
        yaml::MapReader families(document, *caps, problems);
        for (std::size_t i = 0; i < family_count; ++i)
            numbers.caps[i] = integer(families, to_string(static_cast<Family>(i)));
        families.finish();
    }
    reader.finish();
    if (problems.size() == before) {
        if (std::string problem = problem_of(numbers); !problem.empty())
            reader.report(node.mark, std::move(problem));
    }
    return numbers;
}

} // namespace minewarden::rules
