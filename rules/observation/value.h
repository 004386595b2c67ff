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

/// std::monostate: not known. Comparisons with what is not known are neither true nor false.
/// Small, because most are integers and the earlier windows of a host must fit into a cache.
using Value =
    std::variant<std::monostate, bool, std::int64_t, Boxed<std::string>, Boxed<IpAddress>>;
static_assert(sizeof(Value) == 16);

[[nodiscard]] std::string_view to_string(ValueType type);

/// For people; not escaped. "?" if not known.
[[nodiscard]] std::string to_display(const Value& value);

[[nodiscard]] cbor::Value to_cbor(const Value& value);
/// Addresses travel as text. nullopt if the value is not of this type.
[[nodiscard]] std::optional<Value> from_cbor(const cbor::Value& encoded, ValueType type);

} // namespace minewarden::rules
