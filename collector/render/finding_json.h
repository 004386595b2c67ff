// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/recompute/rule_source.h"
#include "collector/store/findings.h"

#include <nlohmann/json_fwd.hpp>

namespace minewarden::collector {

/// A finding as the API and `--standalone -o agent.output=jsonl` give it (docs/findings.md): ids in
/// hexadecimal, times in RFC 3339, texts in both languages. Values from hosts are valid UTF-8 but
/// not escaped for any terminal.
[[nodiscard]] nlohmann::json render_finding(const StoredFinding& found, const RuleSource& rules);

/// A finding as lists have it: what it is about and how certain it is, without its evidence.
[[nodiscard]] nlohmann::json render_summary(const FindingSummary& found);

/// What of it changed from version to version, for its history.
[[nodiscard]] nlohmann::json render_version(const FindingSummary& found);

[[nodiscard]] std::string_view state_name(wire::FindingState state);
[[nodiscard]] std::string_view certainty_name(wire::Certainty certainty);

/// For output: no exception for text that is not UTF-8, which a damaged database could hold.
[[nodiscard]] std::string to_text(const nlohmann::json& value);

} // namespace minewarden::collector
