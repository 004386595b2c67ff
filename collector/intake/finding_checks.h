// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"

#include <minewarden.pb.h>
#include <string_view>

namespace minewarden::collector {

/// Checks every finding, rule set, gap and heartbeat before it is stored: lengths of ids and
/// digests, known enumerators, the digest of the record, lengths of texts (the protobuf parser
/// checks UTF-8). Returns the reason to refuse it (static text), or "".
[[nodiscard]] std::string_view check(const wire::Finding& finding);
[[nodiscard]] std::string_view check(const wire::RuleSet& rules);
[[nodiscard]] std::string_view check(const wire::Gap& gap);
[[nodiscard]] std::string_view check(const wire::Heartbeat& heartbeat);

} // namespace minewarden::collector
