// SPDX-License-Identifier: Apache-2.0
#include "cli/finding_view.h"
#include "cli/findings_csv.h"
#include "cli/json_text.h"

#include <gtest/gtest.h>

namespace minewarden::cli {
namespace {

using nlohmann::json;

json finding_with(const json& recomputed) {
    return {{"id", "00112233445566778899aabbccddeeff"},
            {"certainty", "probable"},
            {"state", "open"},
            {"activity", "mining.pool.client"},
            {"recomputed", recomputed}};
}

TEST(FindingView, EveryOutputMarksAVerdictThatIsNotReproducedOrNotRecomputed) {
    const ViewStyle english{Language::en, false, 200};
    const ViewStyle chinese{Language::zh, false, 200};
    EXPECT_EQ(table_row(finding_with({{"result", "matched"}}), english).find('!'),
              std::string::npos);
    EXPECT_EQ(table_row(finding_with(nullptr), english).find('!'), std::string::npos);

    const json different = finding_with({{"result", "mismatched"}});
    EXPECT_NE(table_row(different, english).find("! NOT REPRODUCED"), std::string::npos);
    EXPECT_NE(table_row(different, chinese).find("结论无法重现"), std::string::npos);
    EXPECT_NE(show_finding(different, english).find("NOT REPRODUCED"), std::string::npos);
    EXPECT_NE(csv_row(different).find("mismatched"), std::string::npos);

    for (const char* result : {"rules_missing", "newer_version", "unreadable"}) {
        const json unknown = finding_with({{"result", result}, {"problem", "no \x1b[31mrules"}});
        EXPECT_NE(table_row(unknown, english).find("! Not recomputed: no \\x1b[31mrules"),
                  std::string::npos);
        EXPECT_NE(table_row(unknown, chinese).find("未能重新计算"), std::string::npos);
        EXPECT_NE(show_finding(unknown, english).find("could not recompute"), std::string::npos);
        EXPECT_NE(csv_row(unknown).find(result), std::string::npos);
    }
}

TEST(JsonText, ReadsIntegersThatTheApiWritesAsText) {
    const json numbers{{"small", 5},
                       {"negative", -7},
                       {"large", "9007199254740993"},
                       {"unsigned", "18446744073709551615"},
                       {"word", "many"},
                       {"list", json::array()}};
    EXPECT_EQ(integer_at(numbers, "small"), 5);
    EXPECT_EQ(integer_at(numbers, "negative"), -7);
    EXPECT_EQ(integer_at(numbers, "large"), 9007199254740993);
    EXPECT_EQ(integer_at(numbers, "unsigned"), -1);
    EXPECT_EQ(integer_at(numbers, "word"), 0);
    EXPECT_EQ(integer_at(numbers, "list"), 0);
    EXPECT_EQ(integer_at(numbers, "nothing"), 0);
}

} // namespace
} // namespace minewarden::cli
