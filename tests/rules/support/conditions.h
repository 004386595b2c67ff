// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/conditions/condition.h"
#include "tests/rules/support/observations.h"

#include <vector>

namespace minewarden::rules::test {

inline std::string shown(const std::vector<conditions::SyntaxError>& errors) {
    std::string all;
    for (const conditions::SyntaxError& error : errors)
        all += std::to_string(error.offset) + ": " + error.message + "\n";
    return all;
}

/// Evaluates a condition on a row of windows, newest first (nullptr: no observation), in all ways
/// that the engine uses. The results must agree.
inline conditions::Truth truth(std::string_view source, const std::vector<const Observation*>& span,
                               const conditions::Names& names = {}) {
    const auto condition = conditions::Condition::compile(source, span.front()->type, names);
    EXPECT_TRUE(condition) << source << "\n" << (condition ? "" : shown(condition.error()));
    if (!condition) return conditions::Truth::unknown;
    const conditions::Truth alone = condition->evaluate(conditions::WindowSpan(span));
    conditions::SummaryCache summaries;
    for (int times = 0; times < 2; ++times) { // first computed, then cached
        EXPECT_EQ(condition->evaluate(conditions::WindowSpan(span, &summaries)), alone) << source;
    }
    for (const conditions::Requirement& required : condition->requirements()) {
        if (alone == conditions::Truth::yes)
            EXPECT_TRUE(required.is_met(conditions::WindowSpan(span))) << source;
    }
    return alone;
}

inline conditions::Truth truth(std::string_view source, const Observation& observation,
                               const conditions::Names& names = {}) {
    return truth(source, std::vector<const Observation*>{&observation}, names);
}

/// The problems of a condition, which must be refused.
inline std::vector<conditions::SyntaxError> problems(std::string_view source, ObservationType on,
                                                     const conditions::Names& names = {}) {
    const auto condition = conditions::Condition::compile(source, on, names);
    EXPECT_FALSE(condition) << source << " was accepted";
    if (condition) return {};
    EXPECT_FALSE(condition.error().empty()) << source;
    for (const conditions::SyntaxError& error : condition.error()) {
        EXPECT_LE(error.offset, source.size()) << source << ": " << error.message;
        EXPECT_FALSE(error.message.empty()) << source;
    }
    return condition.error();
}

} // namespace minewarden::rules::test

namespace minewarden::rules::conditions {

inline void PrintTo(Truth truth, std::ostream* out) {
    *out << (truth == Truth::yes ? "yes" : truth == Truth::no ? "no" : "unknown");
}

} // namespace minewarden::rules::conditions
