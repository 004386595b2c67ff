// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden::rules {

/// Facts that a verdict states besides activity and certainty, if evidence shows them.
enum class Attribute {
    actor,     ///< role of the operator: deliberate, victim, relay, researcher, unknown
    algorithm, ///< of the proof of work: randomx
    chain,     ///< monero, bitcoin
    client,    ///< the program name it sends: xmrig
    role,      ///< in the protocol: client, server, initiator
};
inline constexpr std::size_t attribute_count = 5;

[[nodiscard]] std::string_view to_string(Attribute attribute);
[[nodiscard]] std::optional<Attribute> find_attribute(std::string_view name);
[[nodiscard]] std::array<std::string_view, attribute_count> attribute_names();

/// True for lower-case letters, digits and ".-_/+ ", at most 40 bytes. For `actor`, only its five
/// values.
[[nodiscard]] bool is_attribute_value(Attribute attribute, std::string_view value);

using Attributes = std::map<Attribute, std::string>;

} // namespace minewarden::rules
