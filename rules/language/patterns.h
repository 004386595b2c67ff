// SPDX-License-Identifier: Apache-2.0
// Regular expressions and address ranges as a rule file writes them. Each maker has a partner that
// says what is wrong with a text, so that the parser can point at the literal that holds it.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>

namespace minewarden::rules::language {

/// Compiles with a bound on memory and without logging; check with regex_problem first.
std::unique_ptr<RE2> compile_regex(const std::string& text);

/// What is wrong with `text` as a regular expression of RE2; empty when nothing is.
std::string regex_problem(const std::string& text);

/// What is wrong with `text` as an address range in CIDR notation; empty when nothing is.
std::string network_problem(std::string_view text);

} // namespace minewarden::rules::language
