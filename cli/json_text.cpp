// SPDX-License-Identifier: Apache-2.0
#include "cli/json_text.h"

#include "common/text.h"

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
    return found != value.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

} // namespace minewarden::cli
