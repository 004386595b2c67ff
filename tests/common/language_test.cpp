// SPDX-License-Identifier: Apache-2.0
#include "common/language.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace minewarden {
namespace {

class LanguageOfEnvironment : public ::testing::Test {
  protected:
    void SetUp() override {
        for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) ::unsetenv(name);
    }
    void TearDown() override { SetUp(); }
    static void set(const char* name, const char* value) { ::setenv(name, value, 1); }
};

TEST_F(LanguageOfEnvironment, IsEnglishByDefault) {
    EXPECT_EQ(language_of_environment(), Language::en);
    set("LANG", "de_DE.UTF-8");
    EXPECT_EQ(language_of_environment(), Language::en);
}

TEST_F(LanguageOfEnvironment, ChineseLocalesGiveChinese) {
    for (const char* locale : {"zh_CN.UTF-8", "zh_TW", "zh_HK.utf8", "zh_CN"}) {
        set("LANG", locale);
        EXPECT_EQ(language_of_environment(), Language::zh) << locale;
    }
}

TEST_F(LanguageOfEnvironment, TheFirstVariableThatIsSetCounts) {
    set("LANG", "zh_CN.UTF-8");
    set("LC_MESSAGES", "en_US.UTF-8");
    EXPECT_EQ(language_of_environment(), Language::en);
    set("LC_ALL", "zh_CN.UTF-8");
    EXPECT_EQ(language_of_environment(), Language::zh);
}

// locale(7): an empty variable counts as unset.
TEST_F(LanguageOfEnvironment, AnEmptyVariableIsNotSet) {
    set("LC_ALL", "");
    set("LANG", "zh_CN.UTF-8");
    EXPECT_EQ(language_of_environment(), Language::zh);
}

TEST(Language, IsNamedByTwoLetters) {
    EXPECT_EQ(parse_language("en"), Language::en);
    EXPECT_EQ(parse_language("zh"), Language::zh);
    for (const char* name : {"", "EN", "zh_CN", "de"})
        EXPECT_EQ(parse_language(name), std::nullopt);
}

TEST(LocalizedText, ReturnsTheRequestedLanguage) {
    const LocalizedText text{"hello", "你好"};
    EXPECT_EQ(text.in(Language::en), "hello");
    EXPECT_EQ(text.in(Language::zh), "你好");
}

} // namespace
} // namespace minewarden
