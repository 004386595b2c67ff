// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/language/condition.h"
#include "tests/rules/support/observations.h"

#include <vector>

namespace minewarden::rules::test {

inline std::string shown(const std::vector<language::SyntaxError>& errors) {
    std::string all;
    for (const language::SyntaxError& error : errors)
        all += std::to_string(error.offset) + ": " + error.message + "\n";
    return all;
}

/// What a condition says of a row of windows, the current one first; nullptr: none. Asked in each
/// way that the engine asks, which must agree.
inline language::Truth truth(std::string_view source, const std::vector<const Observation*>& span,
                             const language::Names& names = {}) {
    const auto condition = language::Condition::compile(source, span.front()->type, names);
    EXPECT_TRUE(condition) << source << "\n" << (condition ? "" : shown(condition.error()));
    if (!condition) return language::Truth::unknown;
    const language::Truth alone = condition->evaluate(language::WindowSpan(span));
    language::SummaryCache summaries;
    for (int times = 0; times < 2; ++times) { // made, then found
        EXPECT_EQ(condition->evaluate(language::WindowSpan(span, &summaries)), alone) << source;
    }
    for (const language::Requirement& required : condition->requirements()) {
        if (alone == language::Truth::yes)
            EXPECT_TRUE(required.is_met(language::WindowSpan(span))) << source;
    }
    return alone;
}

inline language::Truth truth(std::string_view source, const Observation& observation,
                             const language::Names& names = {}) {
    return truth(source, std::vector<const Observation*>{&observation}, names);
}

/// The problems of a condition that must be refused.
inline std::vector<language::SyntaxError> problems(std::string_view source, ObservationType on,
                                                   const language::Names& names = {}) {
    const auto condition = language::Condition::compile(source, on, names);
    EXPECT_FALSE(condition) << source << " was accepted";
    if (condition) return {};
    EXPECT_FALSE(condition.error().empty()) << source;
    for (const language::SyntaxError& error : condition.error()) {
        EXPECT_LE(error.offset, source.size()) << source << ": " << error.message;
        EXPECT_FALSE(error.message.empty()) << source;
    }
    return condition.error();
}

} // namespace minewarden::rules::test

namespace minewarden::rules::language {

inline void PrintTo(Truth truth, std::ostream* out) {
    *out << (truth == Truth::yes ? "yes" : truth == Truth::no ? "no" : "unknown");
}

} // namespace minewarden::rules::language
