// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/observation/observation.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

namespace minewarden::rules::test {

using FieldValue = std::pair<std::string_view, Value>;

inline Value text(std::string_view value) {
    return std::string(value);
}
inline Value integer(std::int64_t value) {
    return value;
}
inline Value address(std::string_view value) {
    return *parse_ip_address(value);
}

/// An observation with the given fields; the others are unknown.
inline Observation observe(ObservationType type, std::initializer_list<FieldValue> fields,
                           std::int64_t entity = 0) {
    Observation observation(type);
    observation.entity = entity;
    for (const auto& [name, value] : fields) {
        const auto field = find_field(type, name);
        EXPECT_TRUE(field) << name;
        if (field) observation.set(*field, value);
    }
    return observation;
}

} // namespace minewarden::rules::test
