// SPDX-License-Identifier: Apache-2.0
#include "cli/json_text.h"

#include "common/text.h"

#include <charconv>

namespace minewarden::cli {

std::string text_at(const nlohmann::json& value, std::string_view path) {
    const nlohmann::json* at = &value;
    for (const std::string_view key : split(path, '.')) {
        const auto found = at->is_object() ? at->find(std::string(key)) : at->end();
        if (!at->is_object() || found == at->end()) return {};
        at = &*found;
    }
    if (at->is_string()) return escape_for_terminal(at->get_ref<const std::string&>());
    if (at->is_number_integer()) return std::to_string(at->get<std::int64_t>());
    return {};
}

std::int64_t integer_at(const nlohmann::json& value, const char* key) {
    const auto found = value.find(key);
    if (found == value.end()) return 0;
    if (found->is_number_integer()) return found->get<std::int64_t>();
    std::int64_t number = 0;
    if (found->is_string()) {
        const auto& text = found->get_ref<const std::string&>();
        const char* end = text.data() + text.size();
        std::uint64_t large = 0; // wraps around, as the record has it
        if (std::from_chars(text.data(), end, number).ec == std::errc::result_out_of_range &&
            std::from_chars(text.data(), end, large).ec == std::errc{})
            number = static_cast<std::int64_t>(large);
    }
    return number;
}

} // namespace minewarden::cli
