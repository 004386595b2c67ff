// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/stratum/message.h"

namespace minewarden::lab {
namespace {

constexpr std::size_t maximum_name = 64;

std::optional<std::string> short_string(const Json& value, std::size_t maximum_length) {
    if (!value.is_string()) return std::nullopt;
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() > maximum_length) return std::nullopt;
    return text;
}

} // namespace

std::string with_spaces(std::string_view compact) {
    std::string spaced;
    spaced.reserve(compact.size() + compact.size() / 4);
    bool in_string = false;
    bool escaped = false;
    for (const char c : compact) {
        spaced += c;
        if (in_string) {
            if (c == '"' && !escaped) in_string = false;
            escaped = c == '\\' && !escaped;
        } else if (c == '"') {
            in_string = true;
        } else if (c == ':' || c == ',') {
            spaced += ' ';
        }
    }
    return spaced;
}

std::string request_line(const WireForm& form, Dialect dialect, std::int64_t id,
                         std::string_view method, Json params) {
    Json request;
    if (form.order == KeyOrder::newer) {
        request["id"] = id;
        if (dialect == Dialect::monero) request["jsonrpc"] = "2.0";
        request["method"] = method;
        request["params"] = std::move(params);
    } else {
        request["method"] = method;
        request["params"] = std::move(params);
        request["id"] = id;
    }
    const std::string compact = request.dump();
    return (form.spaces ? with_spaces(compact) : compact) + "\n";
}

Result<Message> parse_message(std::string_view line) {
    Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) return fail(ErrorKind::data, "not a JSON object");
    Message message;
    for (auto& [key, value] : json.items()) {
        if (key == "id") {
            const bool fits = value.is_null() || value.is_number_integer() ||
                              short_string(value, maximum_name).has_value();
            if (!fits) return fail(ErrorKind::data, "the id is not a number or a short string");
            message.id = std::move(value);
        } else if (key == "method") {
            const auto method = short_string(value, maximum_name);
            if (!method || method->empty())
                return fail(ErrorKind::data, "the method is not a short string");
            message.method = *method;
        } else if (key == "params") {
            message.params = std::move(value);
        } else if (key == "result") {
            message.result = std::move(value);
        } else if (key == "error") {
            message.error = std::move(value);
        }
    }
    return message;
}

std::optional<std::string> string_at(const Json& object, std::string_view key,
                                     std::size_t maximum_length) {
    if (!object.is_object()) return std::nullopt;
    const auto found = object.find(key);
    if (found == object.end()) return std::nullopt;
    return short_string(*found, maximum_length);
}

std::optional<std::string> string_at(const Json& array, std::size_t index,
                                     std::size_t maximum_length) {
    if (!array.is_array() || index >= array.size()) return std::nullopt;
    return short_string(array[index], maximum_length);
}

} // namespace minewarden::lab
