// SPDX-License-Identifier: Apache-2.0
// Compiles regular expressions and address ranges of rule files. The *_problem functions check a
// text first, so that the parser can report the position of the literal.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>

namespace minewarden::rules::conditions {

/// Compiles with limited memory and without logging. REQUIRES: regex_problem(text) is empty.
std::unique_ptr<RE2> compile_regex(const std::string& text);

/// Why `text` is not a valid RE2 regular expression, or "".
std::string regex_problem(const std::string& text);

/// Why `text` is not a valid address range in CIDR notation, or "".
std::string network_problem(std::string_view text);

} // namespace minewarden::rules::conditions
