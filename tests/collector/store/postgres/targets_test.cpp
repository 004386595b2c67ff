// SPDX-License-Identifier: Apache-2.0
#include "collector/store/postgres/targets.h"

#include <gtest/gtest.h>

namespace minewarden::collector::postgres {
namespace {

TEST(PostgresTargets, ReturnsOneTargetForEachHost) {
    const auto targets = targets_of("postgresql://mw:secret@a,b:5433/fleet?sslmode=require");
    ASSERT_TRUE(targets) << targets.error().message;
    ASSERT_EQ(targets->size(), 2u);
    EXPECT_NE(targets->at(0).find("host='a'"), std::string::npos) << targets->at(0);
    EXPECT_NE(targets->at(1).find("host='b'"), std::string::npos) << targets->at(1);
    EXPECT_NE(targets->at(1).find("port='5433'"), std::string::npos) << targets->at(1);
    for (const std::string& target : *targets) {
        EXPECT_NE(target.find("dbname='fleet'"), std::string::npos) << target;
        EXPECT_NE(target.find("password='secret'"), std::string::npos) << target;
    }
}

TEST(PostgresTargets, QuotesValues) {
    const auto targets = targets_of("postgresql://u:it%27s%5C@h/db");
    ASSERT_TRUE(targets) << targets.error().message;
    EXPECT_NE(targets->at(0).find(R"(password='it\'s\\')"), std::string::npos) << targets->at(0);
}

TEST(PostgresTargets, RefusesAnInvalidUriWithoutShowingIt) {
    const auto targets = targets_of("postgresql://user:pa%zzssword@host/db");
    ASSERT_FALSE(targets);
    EXPECT_EQ(targets.error().kind, ErrorKind::config);
    EXPECT_EQ(targets.error().message.find("ssword"), std::string::npos) << targets.error().message;
}

TEST(PostgresTargets, NamesWhatIsWrongWithAUri) {
    const auto targets = targets_of("postgresql://u:secret@h/db?nonsense=1");
    ASSERT_FALSE(targets);
    EXPECT_EQ(targets.error().message,
              "collector.database is not a PostgreSQL URI: invalid URI query parameter");
}

TEST(PostgresTargets, HidesThePassword) {
    const std::string text = shown("postgresql://mw:secret@a,b/fleet");
    EXPECT_EQ(text.find("secret"), std::string::npos) << text;
    EXPECT_NE(text.find("fleet"), std::string::npos) << text;
    EXPECT_NE(text.find("a,b"), std::string::npos) << text;
}

} // namespace
} // namespace minewarden::collector::postgres
