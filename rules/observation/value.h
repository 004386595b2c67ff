// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/cbor/value.h"
#include "common/ip_address.h"
#include "rules/observation/boxed.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace minewarden::rules {

enum class ValueType { boolean, integer, text, address };

/// std::monostate: unknown. Comparisons with unknown values are neither true nor false.
/// Kept small (most values are integers), so that the recent windows of a host fit into the CPU
/// cache.
using Value =
    std::variant<std::monostate, bool, std::int64_t, Boxed<std::string>, Boxed<IpAddress>>;
static_assert(sizeof(Value) == 16);

[[nodiscard]] std::string_view to_string(ValueType type);

/// For display; not escaped. "?" if unknown.
[[nodiscard]] std::string to_display(const Value& value);

[[nodiscard]] cbor::Value to_cbor(const Value& value);
/// Addresses are encoded as text. nullopt if the value does not have this type.
[[nodiscard]] std::optional<Value> from_cbor(const cbor::Value& encoded, ValueType type);

} // namespace minewarden::rules
