// SPDX-License-Identifier: Apache-2.0
#include "rules/conditions/patterns.h"

#include "common/ip_address.h"
#include "common/text.h"

#include <fmt/core.h>

namespace minewarden::rules::conditions {
namespace {

constexpr std::size_t maximum_regex_bytes = 1024;
constexpr int regex_memory_bytes = 1 << 20;

} // namespace

std::unique_ptr<RE2> compile_regex(const std::string& text) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(regex_memory_bytes);
    return std::make_unique<RE2>(text, options);
}

std::string regex_problem(const std::string& text) {
    if (text.size() > maximum_regex_bytes)
        return fmt::format("regular expression is longer than {} bytes", maximum_regex_bytes);
    const auto pattern = compile_regex(text);
    if (pattern->ok()) return {};
    return fmt::format("not a regular expression: {}", escape_for_terminal(pattern->error()));
}

std::string network_problem(std::string_view text) {
    if (parse_ip_network(text)) return {};
    return fmt::format("\"{}\" is not an address range such as 10.0.0.0/8",
                       escape_for_terminal(text));
}

} // namespace minewarden::rules::conditions
