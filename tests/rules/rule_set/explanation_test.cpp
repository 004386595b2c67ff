// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_set/explanation.h"
#include "tests/rules/support/observations.h"
#include "tests/rules/support/packs.h"

#include <gtest/gtest.h>

/// Explanations with placeholders for observed values.
namespace minewarden::rules {
namespace {

using test::integer;
using test::observe;

std::string filled(const std::string& text, std::int64_t permille) {
    const Observation observation =
        observe(ObservationType::thread_window,
                {{"thread", integer(7)}, {"cpu_permille", integer(permille)}});
    return explain({text, ""}, Language::en, observation);
}

TEST(Explanation, ShowsThousandthsAsPercent) {
    EXPECT_EQ(filled("{cpu_permille%} of a core", 384), "38 % of a core");
    EXPECT_EQ(filled("{cpu_permille%}", 1000), "100 %");
    EXPECT_EQ(filled("{cpu_permille%}", 3990), "399 %");
    EXPECT_EQ(filled("{cpu_permille%}", 4), "0.4 %");
    EXPECT_EQ(filled("{cpu_permille%}", 0), "0 %");
    EXPECT_EQ(filled("{cpu_permille}", 384), "384");
}

TEST(Explanation, ShowsUnknownValuesAsQuestionMarks) {
    const Observation observation(ObservationType::thread_window);
    EXPECT_EQ(explain({"{cpu_permille%}, {thread}", ""}, Language::en, observation), "?, ?");
}

TEST(Explanation, ReportsInvalidPlaceholders) {
    const auto problem = [](std::string_view text) {
        return problem_of_explanation(text, ObservationType::thread_window);
    };
    EXPECT_EQ(problem("Thread {thread} at {cpu_permille%}."), "");
    EXPECT_NE(problem("Thread {thread%}.").find("percent"), std::string::npos);
    for (const char* text : {"{nothing}", "{", "{thread", "{}", "{%}", "{nothing%}"})
        EXPECT_NE(problem(text).find("not a field of thread.window"), std::string::npos) << text;
}

} // namespace
} // namespace minewarden::rules
