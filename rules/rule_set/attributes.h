// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden::rules {

/// What a verdict says beside activity and certainty, where evidence shows it.
enum class Attribute {
    actor,     ///< who is behind it: deliberate, victim, relay, researcher, unknown
    algorithm, ///< of the proof of work: randomx
    chain,     ///< monero, bitcoin
    client,    ///< the program that it says it is: xmrig
    role,      ///< in a conversation: client, server, initiator
};
inline constexpr std::size_t attribute_count = 5;

[[nodiscard]] std::string_view to_string(Attribute attribute);
[[nodiscard]] std::optional<Attribute> find_attribute(std::string_view name);
[[nodiscard]] std::array<std::string_view, attribute_count> attribute_names();

/// Values that an attribute may have: lower-case letters, digits and ".-_/+ ", at most 40 bytes;
/// of `actor` only its five.
[[nodiscard]] bool is_attribute_value(Attribute attribute, std::string_view value);

using Attributes = std::map<Attribute, std::string>;

} // namespace minewarden::rules
