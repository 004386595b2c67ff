// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"

#include <minewarden.pb.h>
#include <string_view>

namespace minewarden::collector {

/// What every stored finding, rule set, gap and heartbeat satisfies: ids and digests have their
/// length, enumerations are known, the record is the one its digest names, texts are bounded (that
/// they are UTF-8 is checked by the protobuf parser). Returns the reason for refusing it (static
/// text), or "".
[[nodiscard]] std::string_view check(const wire::Finding& finding);
[[nodiscard]] std::string_view check(const wire::RuleSet& rules);
[[nodiscard]] std::string_view check(const wire::Gap& gap);
[[nodiscard]] std::string_view check(const wire::Heartbeat& heartbeat);

} // namespace minewarden::collector
