// SPDX-License-Identifier: Apache-2.0
#include "common/yaml/map_reader.h"

#include "common/text.h"

#include <fmt/core.h>

#include <charconv>

namespace minewarden::yaml {

MapReader::MapReader(const Document& document, const Node& node, Diagnostics& diagnostics)
    : document_(document), node_(node), diagnostics_(diagnostics) {
    if (node.kind != NodeKind::map)
        report(node.mark, fmt::format("expected a map, found {}", name_of(node.kind)));
}

void MapReader::report(Mark mark, std::string message) {
    diagnostics_.push_back({document_.file, mark, std::move(message)});
}

const Node* MapReader::optional(std::string_view key) {
    known_.emplace(key);
    return node_.kind == NodeKind::map ? node_.find(key) : nullptr;
}

const Node* MapReader::required(std::string_view key) {
    const Node* found = optional(key);
    if (found == nullptr && node_.kind == NodeKind::map)
        report(node_.mark, fmt::format("missing key \"{}\"", key));
    return found;
}

std::optional<std::string> MapReader::text(std::string_view key, bool is_required) {
    const Node* found = is_required ? required(key) : optional(key);
    if (found == nullptr) return std::nullopt;
    if (found->kind != NodeKind::scalar || (found->scalar.empty() && !found->quoted)) {
        report(found->mark, fmt::format("\"{}\" must be text", key));
        return std::nullopt;
    }
    return found->scalar;
}

std::optional<std::int64_t> MapReader::integer(std::string_view key, bool is_required,
                                               std::int64_t minimum, std::int64_t maximum) {
    const Node* found = is_required ? required(key) : optional(key);
    if (found == nullptr) return std::nullopt;
    const auto value = to_integer(*found);
    if (!value || *value < minimum || *value > maximum) {
        report(found->mark,
               fmt::format("\"{}\" must be a whole number from {} to {}", key, minimum, maximum));
        return std::nullopt;
    }
    return value;
}

std::vector<std::string> MapReader::texts(std::string_view key, bool is_required) {
    const Node* found = is_required ? required(key) : optional(key);
    if (found == nullptr) return {};
    if (found->kind == NodeKind::scalar && !found->scalar.empty()) return {found->scalar};
    std::vector<std::string> values;
    bool good = found->kind == NodeKind::sequence;
    for (const Node& item : found->items) {
        good = good && item.kind == NodeKind::scalar && !(item.scalar.empty() && !item.quoted);
        values.push_back(item.scalar);
    }
    if (!good) {
        report(found->mark, fmt::format("\"{}\" must be a list of texts", key));
        return {};
    }
    return values;
}

std::optional<LocalizedText> MapReader::localized(std::string_view key, bool is_required) {
    const Node* found = is_required ? required(key) : optional(key);
    if (found == nullptr) return std::nullopt;
    MapReader reader(document_, *found, diagnostics_);
    auto en = reader.text("en", true);
    auto zh = reader.text("zh", true);
    reader.finish();
    if (!en || !zh) return std::nullopt;
    LocalizedText result{std::string(trim(*en)), std::string(trim(*zh))};
    if (result.en.empty() || result.zh.empty()) {
        report(found->mark, fmt::format("\"{}\" needs a text in en and one in zh", key));
        return std::nullopt;
    }
    return result;
}

void MapReader::finish() {
    const std::vector<std::string_view> candidates(known_.begin(), known_.end());
    for (const Node::Entry& entry : node_.entries) {
        if (known_.contains(entry.key)) continue;
        std::string expected;
        for (const std::string_view key : candidates)
            expected += fmt::format("{}{}", expected.empty() ? "" : ", ", key);
        report(entry.key_mark, fmt::format("unknown key \"{}\"{}; expected one of: {}", entry.key,
                                           did_you_mean(entry.key, candidates), expected));
    }
}

std::optional<std::int64_t> to_integer(const Node& node) {
    if (node.kind != NodeKind::scalar || node.quoted) return std::nullopt;
    const std::string_view text = node.scalar;
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

} // namespace minewarden::yaml
