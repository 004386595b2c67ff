// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/shown_attributes.h"

#include <algorithm>

namespace minewarden::rules {

Attributes shown_attributes(std::span<const AttributeSource> evidence) {
    std::map<Attribute, std::map<std::string, MilliNats>> shown;
    for (const AttributeSource& source : evidence) {
        if (source.strength <= 0) continue;
        for (const auto& [attribute, given] : source.rule->attributes) {
            const auto* field = std::get_if<std::size_t>(&given);
            std::string value = field == nullptr ? std::get<std::string>(given)
                                                 : to_display(source.observation->values[*field]);
            for (char& c : value)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            // A field may be unknown ("?"), unnamed ("other"), or untrusted text of a peer.
            if (value != "other" && is_attribute_value(attribute, value))
                shown[attribute][std::move(value)] += source.strength;
        }
    }
    Attributes attributes;
    for (const auto& [attribute, values] : shown) {
        const auto strongest =
            std::ranges::max_element(values, {}, [](const auto& item) { return item.second; });
        attributes.emplace(attribute, strongest->first);
    }
    return attributes;
}

} // namespace minewarden::rules
