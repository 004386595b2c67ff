// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace minewarden::collector {

/// The target of a request line, decoded.
struct RequestTarget {
    std::vector<std::string> segments;                      ///< of the path, between its slashes
    std::vector<std::pair<std::string, std::string>> query; ///< in the order given
};

/// Decodes percent-encoded UTF-8 (RFC 3986). The error names the invalid part.
Result<RequestTarget, std::string_view> parse_target(std::string_view target);

} // namespace minewarden::collector
