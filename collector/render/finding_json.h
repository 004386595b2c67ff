// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/recompute/rule_source.h"
#include "collector/store/findings.h"

#include <nlohmann/json_fwd.hpp>

namespace minewarden::collector {

/// A finding in the JSON of the API and of `--standalone -o agent.output=jsonl` (docs/findings.md):
/// ids in hexadecimal, times in RFC 3339, texts in both languages. Values from hosts are valid
/// UTF-8, not escaped for a terminal.
[[nodiscard]] nlohmann::json render_finding(const StoredFinding& found, const RuleSource& rules);

/// A finding in a list: subject and certainty, without evidence.
[[nodiscard]] nlohmann::json render_summary(const FindingSummary& found);

/// The members that change between versions, for the history.
[[nodiscard]] nlohmann::json render_version(const FindingSummary& found);

[[nodiscard]] std::string_view state_name(wire::FindingState state);
[[nodiscard]] std::string_view certainty_name(wire::Certainty certainty);

/// The text of a body. Integers beyond 2^53 become strings, because many readers would round them.
/// Invalid UTF-8, which a damaged database may contain, is replaced.
[[nodiscard]] std::string to_text(const nlohmann::json& value);

} // namespace minewarden::collector
